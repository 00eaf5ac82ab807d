package io.howdah.describe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.DataSet;
import io.howdah.dicom.Dictionary;
import io.howdah.dicom.Element;
import java.util.Arrays;
import java.util.List;

/** A group of metadata.json (contract §3) and the elements it names; the names are a contract. */
enum NamedGroup {
  PATIENT_INFO(
      """
      patient_id PatientID
      patient_name PatientName
      patient_birth_date PatientBirthDate
      patient_sex PatientSex
      patient_age PatientAge
      patient_size PatientSize
      patient_weight PatientWeight
      issuer_of_patient_id IssuerOfPatientID
      """),
  STUDY_INFO(
      """
      study_instance_uid StudyInstanceUID
      study_id StudyID
      study_date StudyDate
      study_time StudyTime
      study_description StudyDescription
      accession_number AccessionNumber
      referring_physician_name ReferringPhysicianName
      series_instance_uid SeriesInstanceUID
      series_number SeriesNumber
      series_date SeriesDate
      series_time SeriesTime
      series_description SeriesDescription
      sop_class_uid SOPClassUID
      sop_instance_uid SOPInstanceUID
      instance_number InstanceNumber
      acquisition_date AcquisitionDate
      acquisition_time AcquisitionTime
      content_date ContentDate
      content_time ContentTime
      """),
  MODALITY_INFO(
      """
      modality Modality
      manufacturer Manufacturer
      manufacturer_model_name ManufacturerModelName
      device_serial_number DeviceSerialNumber
      software_versions SoftwareVersions
      protocol_name ProtocolName
      body_part_examined BodyPartExamined
      image_type ImageType
      laterality Laterality
      image_laterality ImageLaterality
      view_position ViewPosition
      patient_position PatientPosition
      slice_thickness SliceThickness
      pixel_spacing PixelSpacing
      rows Rows
      columns Columns
      number_of_frames NumberOfFrames
      samples_per_pixel SamplesPerPixel
      photometric_interpretation PhotometricInterpretation
      bits_allocated BitsAllocated
      bits_stored BitsStored
      """),
  EXPOSURE_INFO(
      """
      kvp KVP
      exposure_time ExposureTime
      x_ray_tube_current XRayTubeCurrent
      exposure Exposure
      exposure_in_uas ExposureInuAs
      exposure_control_mode ExposureControlMode
      relative_x_ray_exposure RelativeXRayExposure
      anode_target_material AnodeTargetMaterial
      filter_type FilterType
      filter_material FilterMaterial
      focal_spots FocalSpots
      grid Grid
      distance_source_to_detector DistanceSourceToDetector
      distance_source_to_patient DistanceSourceToPatient
      compression_force CompressionForce
      body_part_thickness BodyPartThickness
      entrance_dose_in_mgy EntranceDoseInmGy
      organ_dose OrganDose
      ctdi_vol CTDIvol
      """),
  LOCATION_INFO(
      """
      institution_name InstitutionName
      institution_address InstitutionAddress
      institutional_department_name InstitutionalDepartmentName
      station_name StationName
      operators_name OperatorsName
      performing_physician_name PerformingPhysicianName
      """);

  /** Longer values are cut here: the whole of them is in the DICOM JSON beside the groups. */
  static final int VALUE_LIMIT = 1024;

  private record Field(String name, int tag) {}

  private final String key = name().toLowerCase(java.util.Locale.ROOT);
  private final List<Field> fields;

  NamedGroup(String fields) {
    this.fields = fields.lines().map(NamedGroup::field).toList();
  }

  private static Field field(String line) {
    String[] words = line.split(" ", 2);
    int tag = Dictionary.tag(words[1]);
    if (tag == -1) {
      throw new IllegalStateException(words[1] + " is no keyword of the data dictionary");
    }
    return new Field(words[0], tag);
  }

  /** All groups of an object, each with the elements that it has. */
  static void write(DataSet object, ObjectNode into) {
    Arrays.stream(values()).forEach(group -> group.fill(object, into.putObject(group.key)));
  }

  private void fill(DataSet object, ObjectNode group) {
    for (Field field : fields) {
      Element element = object.element(field.tag());
      if (element != null) {
        group.put(field.name(), cut(String.join("\\", element.strings())));
      }
    }
  }

  private static String cut(String value) {
    if (value.length() <= VALUE_LIMIT) {
      return value;
    }
    boolean inPair = Character.isHighSurrogate(value.charAt(VALUE_LIMIT - 1));
    return value.substring(0, inPair ? VALUE_LIMIT - 1 : VALUE_LIMIT);
  }
}
