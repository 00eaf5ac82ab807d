package io.howdah.validate;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Defect;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Element;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.disk.Disk;
import io.howdah.status.Claim;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Examines a file in one pass over its bytes: structure, identity, values, pixel data's length and
 * what the profiles ask. Time and memory are bounded by {@link io.howdah.dicom.Limits} and {@link
 * ValueChecks#LIMIT} whatever the bytes. Safe for use by many threads.
 */
public final class ProfileExamination implements Examination {
  private final Profiles profiles;
  private final DicomReader reader = new DicomReader();

  public ProfileExamination(Profiles profiles) {
    this.profiles = profiles;
  }

  @Override
  public Verdict examine(Path file) throws IOException {
    MessageDigest digest = Disk.sha256();
    Header header = reader.structure(file, digest);
    return verdict(header, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public Verdict examine(Path file, String sha256) throws IOException {
    return verdict(reader.structure(file, null), sha256);
  }

  private Verdict verdict(Header header, String sha256) {
    DataSet object = header.dataSet();
    String modality = sound(object, Tag.Modality, VR.CS);
    String sopClass = sound(object, Tag.SOPClassUID, VR.UI);
    List<Profile> asked = profiles.forObject(modality, sopClass);
    Policy policy = new Policy(asked);
    Findings findings = new Findings(policy);
    for (Defect defect : header.defects()) {
      findings.add(
          policy.of(defect),
          defect.code().name(),
          defect.tag() == 0 ? "" : Tag.toString(defect.tag()),
          () -> defect.sentence() + ", at byte " + defect.offset());
    }
    Optional<Claim.Instance> instance = new IdentityChecks(header, findings).check();
    List<String> missing = new ArrayList<>();
    if (header.complete()) {
      new RuleChecks(object, findings).check(asked, missing);
      RuleChecks.modality(asked, modality, sopClass, findings);
      new PixelChecks(header, findings).check(sopClass);
    }
    ValueChecks.check(header.fileMeta().dataSet(), findings);
    ValueChecks.check(object, findings);
    return new Verdict(
        findings.list(),
        List.copyOf(missing),
        header.length(),
        sha256,
        Optional.of(modality).filter(text -> !text.isEmpty()),
        Optional.of(sound(object, Tag.StudyDate, VR.DA)).filter(text -> !text.isEmpty()),
        instance);
  }

  /** The first value if it is as its VR demands, otherwise empty: nothing else leaves here. */
  private static String sound(DataSet object, int tag, VR vr) {
    Element element = object.element(tag);
    String value = element == null || element.vr() != vr ? null : element.string();
    return value == null || ValueSyntax.check(vr, value).isPresent() ? "" : value;
  }

  /** How sentences name an element: its keyword if it has one, and the tag. */
  static String name(int tag) {
    String keyword = io.howdah.dicom.Dictionary.keyword(tag);
    return (keyword == null ? "the element " : keyword + " ") + Tag.toString(tag);
  }

  /** True when the registry lists the SOP class as one of objects that are stored. */
  static boolean isStorage(String sopClass) {
    Uids.Entry entry = Uids.entry(sopClass);
    return entry != null && entry.keyword().contains("Storage");
  }
}
