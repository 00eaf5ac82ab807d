package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DictionaryTest {
  @Test
  void a_tag_has_its_keyword_and_vr() {
    Dictionary.Entry entry = Dictionary.entry(Tag.PatientName);

    assertThat(entry.keyword()).isEqualTo("PatientName");
    assertThat(entry.vr()).isEqualTo("PN");
    assertThat(entry.name()).isEqualTo("Patient's Name");
    assertThat(Dictionary.vr(Tag.PatientName)).isEqualTo(VR.PN);
    assertThat(Dictionary.tag("PatientName")).isEqualTo(Tag.PatientName);
    assertThat(Dictionary.tag("NoSuchThing")).isEqualTo(-1);
  }

  @Test
  void repeating_groups_and_elements_are_found() {
    assertThat(Dictionary.keyword(0x60023000)).isEqualTo("OverlayData");
    assertThat(Dictionary.keyword(0x601E0010)).isEqualTo("OverlayRows");
    assertThat(Dictionary.keyword(0x50040005)).isEqualTo("CurveDimensions");
    assertThat(Dictionary.keyword(0x00203105)).isEqualTo("SourceImageIDs");
    assertThat(Dictionary.keyword(0x00280412)).isEqualTo("CoefficientCoding");
    assertThat(Dictionary.keyword(0x10000013)).isEqualTo("HuffmanTableTriplet");
    assertThat(Dictionary.keyword(0x10101234)).isEqualTo("ZonalMap");
    assertThat(Dictionary.entry(0x60203000)).isNull();
  }

  @Test
  void what_the_registry_cannot_know_has_the_vr_of_the_standard() {
    assertThat(Dictionary.vr(0x00090010)).isEqualTo(VR.LO);
    assertThat(Dictionary.vr(0x00091001)).isEqualTo(VR.UN);
    assertThat(Dictionary.entry(0x00091001)).isNull();
    assertThat(Dictionary.vr(0x00080000)).isEqualTo(VR.UL);
    assertThat(Dictionary.vr(0x00089999)).isEqualTo(VR.UN);
    assertThat(Dictionary.vr(Tag.PixelData)).isEqualTo(VR.OW);
    assertThat(Dictionary.vr(0x00280106)).isEqualTo(VR.US);
    assertThat(Dictionary.allows(0x00280106, VR.SS)).isTrue();
    assertThat(Dictionary.allows(0x00280106, VR.SL)).isFalse();
  }

  @Test
  void uids_have_names_and_a_syntax() {
    assertThat(Uids.name("1.2.840.10008.5.1.4.1.1.2")).isEqualTo("CT Image Storage");
    assertThat(Uids.isSopClass(Uids.CTImageStorage)).isTrue();
    assertThat(Uids.isSopClass(Uids.ExplicitVRLittleEndian)).isFalse();
    assertThat(Uids.isValid("1.2.3")).isTrue();
    for (String wrong :
        new String[] {
          "", ".", "..", "1..2", "1.02", "1.2.", "a", "1.2\u0663", "1 2", "1/2", "1".repeat(65)
        }) {
      assertThat(Uids.isValid(wrong)).as(wrong).isFalse();
    }
    assertThat(Uids.isSafe("1.02")).isTrue();
    assertThat(Uids.isSafe("..")).isFalse();
    String fresh = Uids.create();
    assertThat(fresh).startsWith("2.25.").isNotEqualTo(Uids.create());
    assertThat(Uids.isValid(fresh)).isTrue();
  }

  @Test
  void a_tag_is_written_as_people_and_as_json_write_it() {
    assertThat(Tag.toString(Tag.PatientID)).isEqualTo("(0010,0020)");
    assertThat(Tag.hex(0x7FE00010)).isEqualTo("7FE00010");
    assertThat(Tag.creatorOf(0x00431029)).isEqualTo(0x00430010);
  }
}
