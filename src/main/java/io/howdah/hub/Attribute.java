package io.howdah.hub;

import io.howdah.dicom.Tag;
import io.howdah.dicom.VR;

/** The attributes that PACS-lite keeps of headers, to be searched and shown. */
public enum Attribute {
  STUDY_DATE(Level.STUDY, Tag.StudyDate, VR.DA, "study_date"),
  STUDY_TIME(Level.STUDY, Tag.StudyTime, VR.TM, "study_time"),
  ACCESSION_NUMBER(Level.STUDY, Tag.AccessionNumber, VR.SH, "accession_number"),
  REFERRING_PHYSICIAN(Level.STUDY, Tag.ReferringPhysicianName, VR.PN, "referring_physician"),
  PATIENT_NAME(Level.STUDY, Tag.PatientName, VR.PN, "patient_name"),
  PATIENT_ID(Level.STUDY, Tag.PatientID, VR.LO, "patient_id"),
  PATIENT_BIRTH_DATE(Level.STUDY, Tag.PatientBirthDate, VR.DA, "patient_birth_date"),
  PATIENT_SEX(Level.STUDY, Tag.PatientSex, VR.CS, "patient_sex"),
  STUDY_ID(Level.STUDY, Tag.StudyID, VR.SH, "study_id"),
  STUDY_DESCRIPTION(Level.STUDY, Tag.StudyDescription, VR.LO, "study_description"),
  STUDY_UID(Level.STUDY, Tag.StudyInstanceUID, VR.UI, "study_uid"),
  MODALITY(Level.SERIES, Tag.Modality, VR.CS, "modality"),
  SERIES_NUMBER(Level.SERIES, Tag.SeriesNumber, VR.IS, "series_number"),
  SERIES_DESCRIPTION(Level.SERIES, Tag.SeriesDescription, VR.LO, "series_description"),
  BODY_PART(Level.SERIES, Tag.BodyPartExamined, VR.CS, "body_part"),
  SERIES_UID(Level.SERIES, Tag.SeriesInstanceUID, VR.UI, "series_uid"),
  SOP_CLASS_UID(Level.INSTANCE, Tag.SOPClassUID, VR.UI, "sop_class_uid"),
  SOP_INSTANCE_UID(Level.INSTANCE, Tag.SOPInstanceUID, VR.UI, "sop_instance_uid"),
  INSTANCE_NUMBER(Level.INSTANCE, Tag.InstanceNumber, VR.IS, "instance_number"),
  ROWS(Level.INSTANCE, Tag.Rows, VR.US, "image_rows"),
  COLUMNS(Level.INSTANCE, Tag.Columns, VR.US, "image_columns"),
  FRAMES(Level.INSTANCE, Tag.NumberOfFrames, VR.IS, "frames");

  /** Levels of the composite object's hierarchy. */
  public enum Level {
    STUDY,
    SERIES,
    INSTANCE
  }

  private final Level level;
  private final int tag;
  private final VR vr;
  private final String column;

  Attribute(Level level, int tag, VR vr, String column) {
    this.level = level;
    this.tag = tag;
    this.vr = vr;
    this.column = column;
  }

  /** Whose attribute it is. */
  public Level level() {
    return level;
  }

  /** Its tag. */
  public int tag() {
    return tag;
  }

  /** Its value representation. */
  public VR vr() {
    return vr;
  }

  /** Its column, for storage only. */
  public String column() {
    return column;
  }
}
