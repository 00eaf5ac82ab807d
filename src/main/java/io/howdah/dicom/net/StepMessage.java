package io.howdah.dicom.net;

import io.howdah.dicom.DataSet;

/**
 * What a modality tells of one of its procedure steps.
 *
 * @param creation true for N-CREATE: the step has begun; false for N-SET: it goes on or has ended
 * @param sopInstance of the step
 */
public record StepMessage(
    boolean creation, String sopInstance, DataSet dataSet, AssociationInfo association) {}
