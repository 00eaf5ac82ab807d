package io.howdah.validate;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Element;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.status.Claim;
import java.util.List;
import java.util.Optional;

/**
 * Whether an object names itself by UIDs that can serve as keys, and says the same in its file meta
 * information.
 */
final class IdentityChecks {
  private final Header header;
  private final DataSet object;
  private final Findings findings;

  IdentityChecks(Header header, Findings findings) {
    this.header = header;
    this.object = header.dataSet();
    this.findings = findings;
  }

  /** The UIDs, when the object has the three that it cannot do without. */
  Optional<Claim.Instance> check() {
    String sopClass = key(Tag.SOPClassUID);
    String sopInstance = key(Tag.SOPInstanceUID);
    String study = key(Tag.StudyInstanceUID);
    String series = key(Tag.SeriesInstanceUID);
    meta(
        Tag.MediaStorageSOPClassUID,
        Tag.SOPClassUID,
        header.fileMeta().mediaStorageSOPClassUID(),
        sopClass,
        Check.SOP_CLASS_MISMATCH);
    meta(
        Tag.MediaStorageSOPInstanceUID,
        Tag.SOPInstanceUID,
        header.fileMeta().mediaStorageSOPInstanceUID(),
        sopInstance,
        Check.SOP_INSTANCE_MISMATCH);
    kind(sopClass);
    return sopClass.isEmpty() || sopInstance.isEmpty() || study.isEmpty()
        ? Optional.empty()
        : Optional.of(new Claim.Instance(sopClass, sopInstance, study, series));
  }

  /** The UID if it can serve as a key, otherwise empty. */
  private String key(int tag) {
    Element element = object.element(tag);
    if (element == null) {
      return "";
    }
    List<String> values = element.strings();
    if (values.size() != 1 || !Uids.isSafe(values.get(0))) {
      findings.add(
          Check.UID_UNUSABLE,
          Tag.toString(tag),
          () ->
              ProfileExamination.name(tag)
                  + " is not one UID of 1 to 64 digits and full stops (PS3.5 §9.1), so nothing can be filed under it");
      return "";
    }
    return values.get(0);
  }

  private void meta(int metaTag, int tag, String inMeta, String inObject, Check mismatch) {
    if (!header.fileMeta().present()) {
      return;
    }
    if (inMeta == null) {
      findings.add(
          Check.META_TAG_MISSING,
          Tag.toString(metaTag),
          () ->
              ProfileExamination.name(metaTag) + " is required (PS3.10 §7.1) and absent or empty");
    } else if (!inObject.isEmpty() && !inMeta.equals(inObject)) {
      findings.add(
          mismatch,
          Tag.toString(metaTag),
          () ->
              ProfileExamination.name(metaTag)
                  + " is another UID than "
                  + ProfileExamination.name(tag)
                  + " in the data set");
    }
  }

  private void kind(String sopClass) {
    String byMeta = header.fileMeta().mediaStorageSOPClassUID();
    if (Uids.MediaStorageDirectoryStorage.equals(byMeta)
        || Uids.MediaStorageDirectoryStorage.equals(sopClass)
        || object.contains(Tag.DirectoryRecordSequence)) {
      findings.add(
          Check.DICOMDIR,
          "",
          () -> "this is a DICOMDIR, an index of other files; its references are not followed");
    } else if (!sopClass.isEmpty() && Uids.entry(sopClass) == null) {
      findings.add(
          Check.SOP_CLASS_UNKNOWN,
          Tag.toString(Tag.SOPClassUID),
          () -> "the SOP class is not one of PS3.6; it may be private");
    } else if (!sopClass.isEmpty() && !ProfileExamination.isStorage(sopClass)) {
      findings.add(
          Check.SOP_CLASS_NOT_STORAGE,
          Tag.toString(Tag.SOPClassUID),
          () -> "the SOP class is not one of objects that are stored");
    }
  }
}
