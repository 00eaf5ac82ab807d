package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.Uids;
import io.howdah.settings.BadSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilesTest {
  @TempDir Path directory;
  private Path object;

  @BeforeEach
  void anObject() throws IOException {
    object = Files.write(directory.resolve("object.dcm"), MadeObject.sound().file());
  }

  private void profile(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private List<String> found() throws IOException {
    return new ProfileExamination(Profiles.in(directory))
        .examine(object).findings().stream()
            .map(finding -> finding.severity() + " " + finding.code() + " " + finding.tag())
            .toList();
  }

  private List<String> complaints() {
    try {
      Profiles.in(directory);
      return List.of();
    } catch (BadSettings e) {
      return e.complaints();
    }
  }

  @Test
  void without_a_folder_the_built_in_default_applies() {
    assertThat(Profiles.in(directory.resolve("absent")).forObject("CT", Uids.CTImageStorage))
        .singleElement()
        .satisfies(
            profile ->
                assertThat(profile.rules())
                    .filteredOn(rule -> rule.severity() == Finding.Severity.ERROR)
                    .extracting(TagRule::label)
                    .containsExactly(
                        "patient_id",
                        "patient_name",
                        "study_date",
                        "study_time",
                        "modality",
                        "study_description",
                        "study_instance_uid",
                        "accession_number",
                        "SOPClassUID",
                        "SOPInstanceUID"));
  }

  @Test
  void every_profile_that_is_shipped_can_be_read() {
    assertThat(Profiles.in(Path.of("config/validation")).forObject("MG", Uids.CTImageStorage))
        .extracting(Profile::name)
        .containsExactly("ct.yaml", "default.yaml", "mammography.yaml");
  }

  @Test
  void a_default_of_the_sites_own_takes_the_place_of_the_built_in_one() throws IOException {
    profile("default.yaml", "rules: [{tag: PatientSex, require: absent}]");
    assertThat(found()).containsExactly("ERROR VALUE_NOT_ALLOWED (0010,0040)");
  }

  @Test
  void a_profile_asks_only_of_the_objects_it_is_for() throws IOException {
    profile("one.yaml", "{when: {modality: CT}, rules: [{tag: KVP, require: present}]}");
    profile(
        "two.yaml",
        "{when: {modality: [US, OT]}, rules: [{tag: BodyPartExamined, require: present}]}");
    profile(
        "three.yaml",
        "{when: {sop_class: [CTImageStorage]}, rules: [{tag: PatientAge, require: present}]}");
    profile(
        "four.yaml",
        "{when: {sop_class: 1.2.840.10008.5.1.4.1.1.7}, rules: [{tag: '0010,1020', require: value}]}");
    assertThat(found())
        .containsExactly("ERROR MISSING_TAG (0010,1020)", "ERROR MISSING_TAG (0018,0015)");
  }

  @Test
  void a_rule_asks_for_vr_values_pattern_and_range() throws IOException {
    profile(
        "all.yaml",
        """
        rules:
          - {tag: PatientSex, one_of: [M, F]}
          - {tag: PatientID, pattern: '[0-9]{10}', severity: warning}
          - {tag: InstanceNumber, range: {min: 2}}
          - {tag: SeriesNumber, range: {min: 0, max: 1.5}}
          - {tag: StudyDate, vr: [DT, TM], severity: note}
          - {tag: BitsStored, range: {max: 7}, sentence: Only seven bits are wanted here}
        """);
    assertThat(found())
        .containsExactly(
            "ERROR VALUE_NOT_ALLOWED (0010,0040)",
            "ERROR VALUE_NOT_ALLOWED (0020,0013)",
            "ERROR VALUE_NOT_ALLOWED (0028,0101)",
            "WARNING VALUE_NOT_ALLOWED (0010,0020)",
            "NOTE VALUE_NOT_ALLOWED (0008,0020)");
    assertThat(new ProfileExamination(Profiles.in(directory)).examine(object).findings())
        .extracting(Finding::sentence)
        .contains("Only seven bits are wanted here")
        .noneMatch(sentence -> sentence.contains(MadeObject.CANARY));
  }

  @Test
  void missing_tags_are_called_as_the_profile_calls_them() throws IOException {
    Files.write(object, MadeObject.sound().without(0x00100020).without(0x00080018).file());
    Verdict verdict = new ProfileExamination(Profiles.in(directory)).examine(object);
    assertThat(verdict.missingTags()).containsExactly("patient_id", "SOPInstanceUID");
    assertThat(verdict.isValid()).isFalse();
    assertThat(verdict.instance()).isEmpty();
  }

  @Test
  void a_required_tag_may_be_empty_unless_a_value_is_asked_for() throws IOException {
    Files.write(object, MadeObject.sound().with(0x00080050, "SH", "").file());
    assertThat(found()).isEmpty();
    profile("strict.yaml", "rules: [{tag: AccessionNumber, require: value}]");
    assertThat(found()).containsExactly("ERROR EMPTY_TAG (0008,0050)");
  }

  @Test
  void a_site_decides_how_bad_a_finding_is() throws IOException {
    Files.write(object, MadeObject.sound().with(0x00080020, "DA", "yesterday ").file());
    assertThat(found()).containsExactly("WARNING VALUE_REPERTOIRE (0008,0020)");
    profile("strict.yaml", "{when: {modality: OT}, findings: {VALUE_REPERTOIRE: error}}");
    profile("lax.yaml", "{when: {modality: OT}, findings: {VALUE_REPERTOIRE: note}}");
    assertThat(found())
        .as("of two profiles for this object the stricter counts")
        .containsExactly("ERROR VALUE_REPERTOIRE (0008,0020)");
  }

  @Test
  void a_pattern_that_goes_exponential_is_called_off() throws IOException {
    Files.write(object, MadeObject.sound().with(0x00100020, "LO", "a".repeat(60) + "!!").file());
    profile("slow.yaml", "rules: [{tag: PatientID, pattern: '(a+)+\\1b'}]");
    long start = System.nanoTime();
    assertThat(found()).containsExactly("WARNING PATTERN_UNDECIDED (0010,0020)");
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }

  @Test
  void everything_wrong_with_the_profiles_is_said_at_once_with_file_and_line() throws IOException {
    profile(
        "bad.yaml",
        """
        description: all wrong
        wenn: {modality: CT}
        when:
          sop_class: [CTImageStorag]
        findings:
          LENGHT_ODD: note
          TRUNCATED: warning
          MISSING_TAG: note
          UID_SYNTAX: bad
        rules:
          - {tag: PatientIdentity, require: present}
          - {tag: PatientID, require: always}
          - {tag: PatientID, pattern: '('}
          - {tag: PatientID, range: {min: 2, max: 1}}
          - {tag: PatientID, range: {min: two}}
          - {tag: PatientID, vr: XX}
          - {tag: PatientID}
          - {require: present}
          - {tag: PatientID, tag: PatientName, require: value}
          - {tag: PatientID, requires: value}
        """);
    profile("worse.yaml", "rules: [\n  - {");
    assertThat(complaints())
        .anySatisfy(
            c -> assertThat(c).startsWith("bad.yaml:2: 'wenn' is no key here").contains("when"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:4: 'CTImageStorag' is no UID"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:6: 'LENGHT_ODD' is no code"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:7: TRUNCATED is always an error"))
        .anySatisfy(
            c -> assertThat(c).startsWith("bad.yaml:8: MISSING_TAG has the severity of the rule"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:9: a severity is"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:11: 'PatientIdentity' is no keyword"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:12: require must be"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:13: the pattern cannot be read"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:14: the range has its min above"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:15: 'two' is no number"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:16: 'XX' is no VR"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:17: a rule must ask for something"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:18: a rule needs a tag"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:19: 'tag' is here twice"))
        .anySatisfy(c -> assertThat(c).startsWith("bad.yaml:20: 'requires' is no key here"))
        .anySatisfy(c -> assertThat(c).startsWith("worse.yaml:2: is not YAML"));
  }

  @Test
  void yaml_that_would_fill_the_memory_is_refused() throws IOException {
    profile("bomb.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n");
    profile("deep.yaml", "[".repeat(50) + "]".repeat(50));
    profile("tag.yaml", "!!javax.script.ScriptEngineManager [x]");
    assertThat(complaints()).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void a_profile_that_changes_is_in_force_without_a_restart() throws IOException {
    profile("site.yaml", "rules: [{tag: PatientAge, require: present}]");
    Profiles profiles = Profiles.in(directory);
    profile("site.yaml", "rules: [{tag: PatientWeight, require: present}] # now longer");
    profiles.look();
    assertThat(new ProfileExamination(profiles).examine(object).findings())
        .extracting(Finding::tag)
        .containsExactly("(0010,1030)");
  }

  @Test
  void a_change_is_noticed_by_itself() throws IOException {
    profile("site.yaml", "rules: [{tag: PatientAge, require: present}]");
    Profiles profiles = Profiles.in(directory);
    profile("site.yaml", "rules: [{tag: PatientWeight, require: present}] # now longer");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(profiles.forObject("OT", "").get(1).rules())
                    .extracting(TagRule::label)
                    .containsExactly("PatientWeight"));
  }

  @Test
  void a_change_that_cannot_be_read_leaves_the_rules_in_force() throws IOException {
    profile("site.yaml", "rules: [{tag: PatientAge, require: present}]");
    Profiles profiles = Profiles.in(directory);
    profile("site.yaml", "rules: [{tag: Patient, require: present}, nonsense]");
    profiles.look();
    assertThat(new ProfileExamination(profiles).examine(object).findings())
        .extracting(Finding::tag)
        .containsExactly("(0010,1010)");
  }

  @Test
  void nonsense_stops_the_start() throws IOException {
    profile("site.yaml", "rules: [{tag: Patient, require: present}]");
    assertThatThrownBy(() -> Profiles.in(directory))
        .asInstanceOf(type(BadSettings.class))
        .satisfies(e -> assertThat(e.complaints()).hasSize(1));
  }
}
