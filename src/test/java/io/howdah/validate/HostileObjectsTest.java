package io.howdah.validate;

import static io.howdah.validate.HostileCorpus.compressed;
import static io.howdah.validate.HostileCorpus.deflated;
import static io.howdah.validate.HostileCorpus.undefined;
import static io.howdah.validate.HostileCorpus.wrong;
import static io.howdah.validate.MadeObject.element;
import static io.howdah.validate.MadeObject.header;
import static io.howdah.validate.MadeObject.item;
import static io.howdah.validate.MadeObject.joined;
import static io.howdah.validate.MadeObject.sound;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.howdah.dicom.Uids;
import io.howdah.disk.Disk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes made to break a reader, row by row of the abuse plan: A40 to A53. */
class HostileObjectsTest {
  private static final int UNDEFINED = 0xFFFFFFFF;
  private static final int ITEM = 0xFFFEE000;
  private static final int ITEM_END = 0xFFFEE00D;
  private static final int SEQUENCE_END = 0xFFFEE0DD;
  private static final int PIXEL_DATA = 0x7FE00010;
  private static final int SEQUENCE = 0x00081140;
  private static final long SECOND = 1_000_000_000L;

  private static final ProfileExamination EXAMINATION =
      new ProfileExamination(Profiles.in(Path.of("no such folder")));

  @TempDir static Path directory;

  /** Judges bytes; whatever they are, no sentence repeats a value from them. */
  private static Verdict examine(byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("object.dcm"), bytes);
    Verdict verdict = EXAMINATION.examine(file);
    assertThat(verdict.findings())
        .allSatisfy(
            finding ->
                assertThat(finding.code() + finding.tag() + finding.sentence())
                    .doesNotContain(MadeObject.CANARY)
                    .matches("[\\x20-\\x7e×§]*"));
    assertThat(verdict.fileSize()).isEqualTo(bytes.length);
    assertThat(verdict.findings()).hasSizeLessThanOrEqualTo(Findings.LIMIT);
    return verdict;
  }

  private static List<String> codes(Verdict verdict) {
    return verdict.findings().stream().map(Finding::code).toList();
  }

  private static List<String> errors(Verdict verdict) {
    return verdict.findings().stream()
        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
        .map(Finding::code)
        .distinct()
        .toList();
  }

  private static List<String> errors(byte[] bytes) throws IOException {
    return errors(examine(bytes));
  }

  private static List<String> errors(MadeObject made) throws IOException {
    return errors(made.file());
  }

  @Test
  void a_sound_object_has_no_findings_and_names_itself() throws IOException {
    Verdict verdict = examine(sound().file());
    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.isValid()).isTrue();
    assertThat(verdict.modality()).contains("OT");
    assertThat(verdict.studyDate()).contains("20261121");
    assertThat(verdict.sha256()).isEqualTo(Disk.sha256(directory.resolve("object.dcm")));
    assertThat(verdict.instance().orElseThrow().sopInstanceUid())
        .isEqualTo("1.2.826.0.1.3680043.10.1234.4.1");
  }

  // -- A40: what is no DICOM file, or not all of one

  @Test
  void a40_what_is_no_dicom_file_is_told_as_such() throws IOException {
    byte[] random = new byte[4096];
    new Random(40).nextBytes(random);
    byte[] png = joined(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}, new byte[500]);
    assertThat(errors(new byte[0])).containsExactly("EMPTY");
    for (byte[] bytes :
        List.of(
            new byte[1],
            new byte[131],
            new byte[132],
            new byte[100_000],
            random,
            "Dear colleague, ".repeat(100).getBytes(StandardCharsets.US_ASCII),
            png,
            joined(new byte[127], "DICM".getBytes(StandardCharsets.US_ASCII), new byte[300]))) {
      assertThat(errors(bytes)).isNotEmpty().isSubsetOf("NOT_DICOM", "TRUNCATED");
    }
  }

  @Test
  void a40_a_file_cut_off_at_any_byte_is_never_valid() throws IOException {
    for (byte[] whole : List.of(sound().file(), compressed(2), deflated(sound()))) {
      assertThat(errors(whole)).isEmpty();
      for (int length = 0; length < whole.length; length++) {
        assertThat(errors(Arrays.copyOf(whole, length)))
            .as("cut off at byte %d of %d", length, whole.length)
            .isNotEmpty();
      }
    }
  }

  // -- A41: beginnings

  @Test
  void a41_beginnings_are_judged_by_a_table_and_never_put_right() throws IOException {
    byte[] ones = new byte[128];
    Arrays.fill(ones, (byte) 0xFF);
    byte[] whole = sound().file();
    byte[] noPreamble = Arrays.copyOfRange(whole, 132, whole.length);
    byte[] wrongLength = whole.clone();
    wrongLength[140] += 2;

    assertThat(errors(sound().dataSet())).containsExactly("NO_FILE_META");
    assertThat(codes(examine(noPreamble))).containsExactly("NO_PREAMBLE");
    assertThat(examine(noPreamble).isValid()).isTrue();
    assertThat(codes(examine(wrongLength))).containsExactly("META_GROUP_LENGTH");
    assertThat(codes(examine(sound().preamble(ones).file()))).containsExactly("PREAMBLE_NOT_ZERO");
    assertThat(errors(sound().withoutMeta(0x00020010))).containsExactly("NO_TRANSFER_SYNTAX");
    assertThat(errors(sound().transferSyntax("1.2.840.10008.1.2.77")))
        .containsExactly("UNKNOWN_TRANSFER_SYNTAX");
    assertThat(errors(sound().transferSyntax(Uids.ImplicitVRLittleEndian)))
        .containsExactly("TRANSFER_SYNTAX_MISMATCH");
    assertThat(errors(sound().transferSyntax(Uids.ExplicitVRBigEndian)))
        .contains("TRANSFER_SYNTAX_MISMATCH");
    assertThat(errors(joined(new byte[1], whole))).isNotEmpty();
  }

  // -- A42: two things at once

  @ParameterizedTest
  @ValueSource(
      strings = {"MZ", "\u007fELF", "{\"a\":\"", "#!/bin/sh\n", "%PDF-1.7", "<html>", " \n{"})
  void a42_a_preamble_that_runs_or_opens_elsewhere_is_refused(String magic) throws IOException {
    byte[] preamble = Arrays.copyOf(magic.getBytes(StandardCharsets.ISO_8859_1), 128);
    assertThat(errors(sound().preamble(preamble))).containsExactly("EXECUTABLE_PREAMBLE");
  }

  @Test
  void a42_a_tiff_header_is_how_two_kinds_of_programs_open_one_slide() throws IOException {
    byte[] tiff = Arrays.copyOf(new byte[] {'I', 'I', '*', 0, 8, 0, 0, 0}, 128);
    assertThat(examine(sound().preamble(tiff).file()).findings()).isEmpty();
  }

  // -- A43: depth

  @Test
  void a43_a_hundred_thousand_nested_sequences_end_reading_at_once() throws IOException {
    byte[] file = HostileCorpus.nested(100_000);
    long start = System.nanoTime();
    assertThat(errors(file)).containsExactly("NESTING");
    assertThat(System.nanoTime() - start).isLessThan(SECOND);
  }

  @Test
  void a43_sixty_levels_are_unusual_and_sound() throws IOException {
    byte[] inner = new byte[0];
    for (int i = 0; i < 60; i++) {
      inner =
          joined(
              undefined(SEQUENCE, "SQ"),
              item(ITEM, UNDEFINED),
              inner,
              item(ITEM_END, 0),
              item(SEQUENCE_END, 0));
    }
    byte[] value = Arrays.copyOfRange(inner, 12, inner.length);
    assertThat(errors(sound().with(SEQUENCE, "SQ", new byte[0]).file())).isEmpty();
    MadeObject made = sound();
    byte[] data = made.dataSet();
    int at = indexOf(data, 0x0010);
    assertThat(errors(made.file(inserted(data, at, joined(undefined(SEQUENCE, "SQ"), value)))))
        .isEmpty();
  }

  private static int indexOf(byte[] data, int group) {
    ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (buffer.getShort(at) != group) {
      at += 8 + buffer.getShort(at + 6);
    }
    return at;
  }

  private static byte[] inserted(byte[] data, int at, byte[] more) {
    return joined(Arrays.copyOf(data, at), more, Arrays.copyOfRange(data, at, data.length));
  }

  // -- A44: deflate

  @Test
  void a44_a_deflate_bomb_is_stopped_without_filling_the_memory() throws IOException {
    byte[] file = HostileCorpus.bomb();
    assertThat(file.length).isLessThan(600_000);
    Path path = Files.write(directory.resolve("bomb.dcm"), file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(errors(EXAMINATION.examine(path))).contains("TOO_LARGE_UNPACKED");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L << 20);
  }

  @Test
  void a44_corrupt_deflate_and_what_follows_it_are_told() throws IOException {
    byte[] whole = deflated(sound());
    byte[] corrupt = whole.clone();
    Arrays.fill(corrupt, whole.length - 200, whole.length - 150, (byte) 0xA5);
    assertThat(errors(corrupt)).isNotEmpty();
    assertThat(codes(examine(joined(whole, new byte[100])))).containsExactly("TRAILING_DATA");
  }

  // -- A45: lengths

  @ParameterizedTest
  @ValueSource(ints = {0xFFFFFFFE, 0x7FFFFFFF, 0x80000000, 0x7FFFFFFE, 100_000})
  void a45_a_length_past_the_end_is_refused_before_anything_is_allocated(int length)
      throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] file = sound().without(PIXEL_DATA).after(header(PIXEL_DATA, "OB", length)).file();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(errors(file))
        .isNotEmpty()
        .isSubsetOf("LENGTH_PAST_END", "LENGTH_RESERVED", "TRUNCATED", "PIXEL_DATA_MISSING");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4L << 20);
    assertThat(errors(sound().before(header(0x00080001, "UT", length)))).isNotEmpty();
  }

  @Test
  void a45_a_length_is_odd_and_so_told() throws IOException {
    assertThat(codes(examine(sound().with(0x00204000, "LT", new byte[] {'a', 'b', 'c'}).file())))
        .containsExactly("LENGTH_ODD");
  }

  @Test
  void a45_lengths_of_fragments_are_checked_too() throws IOException {
    for (int length : new int[] {UNDEFINED, 0xFFFFFFFE, 0x7FFFFFFE, 1000}) {
      assertThat(errors(compressed(1, item(ITEM, length))))
          .isNotEmpty()
          .isSubsetOf("LENGTH_PAST_END", "LENGTH_RESERVED", "TRUNCATED", "NO_DELIMITER");
    }
  }

  // -- A46: delimiters, and very many of something

  @Test
  void a46_delimiters_that_lack_or_stray_are_told() throws IOException {
    byte[] open = joined(undefined(0x00400275, "SQ"), item(ITEM, UNDEFINED));
    assertThat(errors(sound().with(PIXEL_DATA, "OB", new byte[4]).after(open)))
        .containsAnyOf("NO_DELIMITER", "TRUNCATED");
    assertThat(errors(compressed(3, new byte[0]))).containsAnyOf("NO_DELIMITER", "TRUNCATED");
    assertThat(codes(examine(sound().before(item(ITEM_END, 0)).file())))
        .contains("STRAY_DELIMITER");
    assertThat(codes(examine(sound().before(item(SEQUENCE_END, 0)).file())))
        .contains("STRAY_DELIMITER");
    assertThat(codes(examine(sound().with(PIXEL_DATA, "SQ", new byte[0]).file())))
        .contains("SQ_IN_PIXEL_DATA");
  }

  @Test
  void a46_ten_thousand_fragments_are_sound_and_quick() throws IOException {
    byte[] file = compressed(10_000);
    long start = System.nanoTime();
    assertThat(examine(file).findings()).isEmpty();
    assertThat(System.nanoTime() - start).isLessThan(2 * SECOND);
  }

  @Test
  void a46_a_thousand_wide_items_are_sound_and_quick() throws IOException {
    byte[] content =
        joined(
            element(0x00081150, "UI", "1.2\0".getBytes(StandardCharsets.US_ASCII)),
            element(0x00081155, "UI", "1.2.3\0".getBytes(StandardCharsets.US_ASCII)));
    ByteArrayOutputStream items = new ByteArrayOutputStream();
    for (int i = 0; i < 1000; i++) {
      items.writeBytes(item(ITEM, content.length));
      items.writeBytes(content);
    }
    byte[] file = sound().with(0x00081140, "SQ", items.toByteArray()).file();
    long start = System.nanoTime();
    assertThat(examine(file).findings()).isEmpty();
    assertThat(System.nanoTime() - start).isLessThan(2 * SECOND);
  }

  @Test
  void a46_a_million_tiny_elements_take_linear_time() throws IOException {
    byte[] file = HostileCorpus.tiny(1_100_000);
    long start = System.nanoTime();
    assertThat(errors(file)).contains("TOO_MANY_ELEMENTS");
    assertThat(System.nanoTime() - start).isLessThan(2 * SECOND);
  }

  // -- A47: UIDs

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "../../x",
        "a/b",
        "C:\\\\",
        "%2e%2e",
        "1.2\0.3",
        "",
        "1.2\\1.3",
        ".",
        "1..2",
        "1.2.",
        "١.٢"
      })
  void a47_what_could_name_a_path_or_two_objects_is_no_key(String uid) throws IOException {
    for (int tag : new int[] {0x00080018, 0x0020000D, 0x0020000E, 0x00080016}) {
      Verdict verdict = examine(sound().with(tag, "UI", uid).file());
      assertThat(errors(verdict)).contains("UID_UNUSABLE");
      assertThat(verdict.instance().map(Object::toString).orElse("")).doesNotContain("/", "..");
    }
  }

  @Test
  void a47_a_uid_may_have_64_characters_and_no_more() throws IOException {
    String longest = "1." + "2".repeat(62);
    MadeObject made = sound().meta(0x00020003, "UI", longest.getBytes(StandardCharsets.US_ASCII));
    assertThat(errors(made.with(0x00080018, "UI", longest))).isEmpty();
    assertThat(errors(made.with(0x00080018, "UI", longest + "3"))).containsExactly("UID_UNUSABLE");
  }

  @Test
  void a47_padding_is_trimmed_and_a_leading_zero_is_only_told() throws IOException {
    byte[] spaces = "1.2.3  ".getBytes(StandardCharsets.US_ASCII);
    assertThat(
            examine(sound().with(0x0020000D, "UI", Arrays.copyOf(spaces, 6)).file())
                .instance()
                .orElseThrow()
                .studyUid())
        .isEqualTo("1.2.3");
    Verdict verdict = examine(sound().with(0x0020000D, "UI", "1.02.3").file());
    assertThat(codes(verdict)).containsExactly("UID_SYNTAX");
    assertThat(verdict.isValid()).isTrue();
  }

  // -- A49: thirty ways for a data set to be wrong

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no study UID                            | ERROR   | MISSING_TAG
          no patient ID                           | ERROR   | MISSING_TAG
          no patient name                         | ERROR   | MISSING_TAG
          no SOP class                            | ERROR   | MISSING_TAG
          no SOP instance                         | ERROR   | MISSING_TAG
          no modality                             | ERROR   | MISSING_TAG
          no study date                           | ERROR   | MISSING_TAG
          no study time                           | ERROR   | MISSING_TAG
          no study description                    | ERROR   | MISSING_TAG
          no accession number                     | ERROR   | MISSING_TAG
          no series UID                           | WARNING | MISSING_TAG
          no pixel data                           | ERROR   | PIXEL_DATA_MISSING
          SOP class not that of the meta group    | ERROR   | SOP_CLASS_MISMATCH
          SOP instance not that of the meta group | WARNING | SOP_INSTANCE_MISMATCH
          SOP class not in the meta group         | WARNING | META_TAG_MISSING
          SOP class nobody knows                  | NOTE    | SOP_CLASS_UNKNOWN
          SOP class of a service                  | WARNING | SOP_CLASS_NOT_STORAGE
          modality of another SOP class           | WARNING | MODALITY_FOR_SOP_CLASS
          element twice                           | ERROR   | DUPLICATE_TAG
          element out of order                    | WARNING | TAG_ORDER
          group 0000                              | ERROR   | GROUP_0000
          group 0002                              | ERROR   | GROUP_0002_IN_DATA_SET
          group 0001                              | ERROR   | TAG_INVALID
          private without creator                 | WARNING | PRIVATE_WITHOUT_CREATOR
          VR of another tag                       | WARNING | VR_MISMATCH
          VR nobody knows                         | ERROR   | VR_UNKNOWN
          too many values                         | WARNING | VALUE_COUNT
          a date that is none                     | WARNING | VALUE_FORM
          a value too long                        | WARNING | VALUE_LENGTH
          lower case code                         | WARNING | VALUE_REPERTOIRE
          number of three bytes                   | WARNING | VALUE_COUNT
          pixel data too short                    | ERROR   | PIXEL_DATA_SHORT
          pixel data too long                     | WARNING | PIXEL_DATA_LONG
          bits of an impossible number            | WARNING | PIXEL_ATTRIBUTES
          """)
  void a49_each_way_to_be_wrong_has_its_code(String how, Finding.Severity severity, String code)
      throws IOException {
    Verdict verdict = examine(wrong(how).file());
    assertThat(verdict.findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.code()).isEqualTo(code);
              assertThat(finding.severity()).isEqualTo(severity);
            });
    assertThat(verdict.isValid()).isEqualTo(severity != Finding.Severity.ERROR);
  }

  @Test
  void a49_a_thousand_warnings_do_not_hide_an_error() throws IOException {
    MadeObject made = sound();
    for (int i = 0; i < 1000; i++) {
      made.with(0x00091000 + i, "LO", "");
    }
    made.after(element(0x7FE10010, "LO", "X ".getBytes(StandardCharsets.US_ASCII)))
        .after(element(0x7FE10010, "LO", "Y ".getBytes(StandardCharsets.US_ASCII)));
    Verdict verdict = examine(made.file());
    assertThat(errors(verdict)).containsExactly("DUPLICATE_TAG");
    assertThat(verdict.findings().get(0).code()).isEqualTo("DUPLICATE_TAG");
    assertThat(codes(verdict)).contains("PRIVATE_WITHOUT_CREATOR", "MORE_FINDINGS");
  }

  @Test
  void a49_private_elements_with_their_creator_are_sound() throws IOException {
    MadeObject made = sound().with(0x00090010, "LO", "HOWDAH TEST ").with(0x00091001, "LO", "X ");
    assertThat(examine(made.file()).findings()).isEmpty();
  }

  // -- A50: text

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${jndi:ldap://h/a}",
        "{{howdah.db.url}}",
        "${header.x}",
        "%n%s%x",
        "<script>",
        "=cmd|' /C'"
      })
  void a50_what_other_programs_would_run_is_only_text(String text) throws IOException {
    assertThat(examine(sound().with(0x00081030, "LO", text).file()).findings()).isEmpty();
  }

  @Test
  void a50_text_is_judged_in_its_character_set() throws IOException {
    assertThat(codes(examine(sound().with(0x00100010, "PN", new byte[] {'A', (byte) 0xC3}).file())))
        .containsExactly("CHARSET_BYTES");
    assertThat(codes(examine(sound().with(0x00080005, "CS", "ISO_IR 999").file())))
        .contains("CHARSET_UNKNOWN");
    assertThat(
            codes(
                examine(
                    sound()
                        .with(0x00080005, "CS", "GB18030 ")
                        .with(0x00100010, "PN", "王^小东 ".getBytes(Charset.forName("GB18030")))
                        .file())))
        .isEmpty();
    assertThat(
            codes(
                examine(
                    sound()
                        .with(0x00080005, "CS", "\\ISO 2022 IR 87")
                        .with(
                            0x00100010,
                            "PN",
                            "Yamada^Tarou=\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B ")
                        .file())))
        .isEmpty();
    assertThat(
            codes(
                examine(
                    sound()
                        .with(0x00080005, "CS", "ISO_IR 100")
                        .with(0x00100010, "PN", "Y^\u001b$B;3ED\u001b(B")
                        .file())))
        .contains("CHARSET_BYTES");
    assertThat(codes(examine(sound().with(0x00100010, "PN", "A\u0007\u001b[31mB").file())))
        .isNotEmpty();
  }

  @Test
  void a50_a_name_of_a_hundred_kilobytes_is_told_and_carried() throws IOException {
    byte[] name = MadeObject.CANARY.repeat(12_500).getBytes(StandardCharsets.US_ASCII);
    byte[] asUnknown = joined(header(0x00100010, "UN", name.length), name);
    MadeObject made = sound().without(0x00100010);
    byte[] data = made.dataSet();
    assertThat(codes(examine(made.file(inserted(data, indexOf(data, 0x0010), asUnknown)))))
        .doesNotContain("TRUNCATED");
    assertThat(codes(examine(sound().with(0x00100010, "PN", "A".repeat(60_000)).file())))
        .containsExactly("VALUE_LENGTH");
  }

  // -- A51: dimensions

  @ParameterizedTest
  @CsvSource({
    "65535, 65535, 8, 1",
    "65535, 65535, 16, 999999",
    "2, 2, 0, 1",
    "2, 2, 33, 1",
    "0, 0, 8, 1"
  })
  void a51_dimensions_are_multiplied_and_never_allocated(
      int rows, int columns, int bits, String frames) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    MadeObject made =
        sound()
            .number(0x00280010, rows)
            .number(0x00280011, columns)
            .number(0x00280100, bits)
            .with(0x00280008, "IS", frames);
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(codes(examine(made.file())))
        .isNotEmpty()
        .isSubsetOf("PIXEL_DATA_SHORT", "PIXEL_ATTRIBUTES");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4L << 20);
  }

  @Test
  void a51_a_compressed_bomb_is_carried_undecoded() throws IOException {
    byte[] file = compressed(1);
    assertThat(examine(file).isValid()).isTrue();
  }

  // -- A52: a DICOMDIR

  @Test
  void a52_a_dicomdir_is_refused_and_its_references_are_not_followed() throws IOException {
    byte[] record =
        joined(
            element(0x00041430, "CS", "IMAGE ".getBytes(StandardCharsets.US_ASCII)),
            element(0x00041500, "CS", "..\\..\\ETC\\PASSWD ".getBytes(StandardCharsets.US_ASCII)));
    MadeObject made = sound().with(0x00041220, "SQ", joined(item(ITEM, record.length), record));
    assertThat(errors(made)).contains("DICOMDIR");
    assertThat(
            errors(
                sound()
                    .meta(
                        0x00020002,
                        "UI",
                        Uids.MediaStorageDirectoryStorage.getBytes(StandardCharsets.US_ASCII))))
        .contains("DICOMDIR");
  }
}
