package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import io.howdah.support.DicomFixtures;
import io.howdah.support.Oracles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DicomReaderTest {
  private static final long UNDEFINED = 0xFFFFFFFFL;
  private final DicomReader reader = new DicomReader();
  @TempDir Path folder;

  private Header structure(byte[] file) {
    return structure(reader, file);
  }

  /** Reads the whole, as a stream; and sees that the digest is that of the file. */
  private static Header structure(DicomReader reader, byte[] file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Header header = reader.structure(new ByteArrayInputStream(file), digest);
      assertThat(digest.digest()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(file));
      assertThat(header.length()).isEqualTo(file.length);
      return header;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] small(TransferSyntax syntax) {
    DataSetBuilder built =
        new DataSetBuilder()
            .put(Tag.SpecificCharacterSet, "ISO_IR 192")
            .put(Tag.SOPClassUID, Uids.CTImageStorage)
            .put(Tag.SOPInstanceUID, "1.2.3")
            .put(Tag.PatientName, "A^B")
            .sequence(
                Tag.RequestAttributesSequence,
                new DataSetBuilder()
                    .put(Tag.RequestedProcedureID, "P1")
                    .sequence(
                        Tag.RequestedProcedureCodeSequence,
                        new DataSetBuilder().put(Tag.CodeMeaning, "x")))
            .put(0x00090010, VR.LO, "HOWDAH")
            .put(0x00091001, VR.UN, new byte[20])
            .put(Tag.Rows, 2)
            .put(Tag.Columns, 2)
            .put(Tag.BitsAllocated, 16)
            .put(Tag.PixelData, VR.OW, new byte[8]);
    if (syntax.encapsulated()) {
      built.encapsulatedPixelData(new byte[6], new byte[4]);
    }
    return new DicomWriter(syntax, DicomWriter.Lengths.UNDEFINED).file(built);
  }

  static Stream<TransferSyntax> syntaxes() {
    return Stream.of(
        TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
        TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
        TransferSyntax.EXPLICIT_VR_BIG_ENDIAN,
        TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
        TransferSyntax.of(Uids.JPEGBaseline8Bit));
  }

  @ParameterizedTest
  @MethodSource("syntaxes")
  void a_file_cut_at_any_byte_is_read_without_an_exception(TransferSyntax syntax)
      throws IOException {
    byte[] whole = small(syntax);
    assertThat(structure(whole).defects()).isEmpty();
    Path onDisk = folder.resolve("cut.dcm");
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);

      Header streamed = structure(cut);
      Files.write(onDisk, cut);
      Header fromDisk = reader.structure(onDisk, null);
      reader.header(new ByteArrayInputStream(cut));

      assertThat(fromDisk.complete()).as("%d bytes", length).isEqualTo(streamed.complete());
      assertThat(codes(fromDisk)).as("%d bytes", length).isEqualTo(codes(streamed));
      if (length < 132) {
        assertThat(streamed.fatal().orElseThrow().code())
            .isEqualTo(length == 0 ? Code.EMPTY : Code.NOT_DICOM);
      } else if (syntax.deflated() && length == whole.length - 1) {
        // only the byte that made it even is missing
        assertThat(streamed.complete()).isTrue();
      } else if (streamed.complete()) {
        // only where an element ends can a cut go unseen here; then what follows is missing
        assertThat(streamed.pixelData()).as("%d bytes", length).isNull();
      } else {
        assertThat(streamed.fatal().orElseThrow().offset()).isLessThanOrEqualTo(4096);
      }
    }
  }

  private static List<Code> codes(Header header) {
    return header.defects().stream().map(Defect::code).toList();
  }

  @ParameterizedTest
  @MethodSource("syntaxes")
  void changed_bytes_never_lead_to_an_exception_or_a_hang(TransferSyntax syntax) {
    byte[] whole = small(syntax);
    Random random = new Random(20261121);
    Limits tight = new Limits(8, 2000, 256, 1024, 1 << 16, 200, 1 << 12, 20);
    DicomReader small = new DicomReader(tight);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 4000; i++) {
            byte[] changed = changed(whole, random);
            Header header = structure(i % 2 == 0 ? reader : small, changed);
            assertThat(header.complete() || header.fatal().isPresent()).isTrue();
            if (i % 4 == 0) {
              byte[] json =
                  DicomJsonTest.bytes(new DicomJson(4096, 32), header.dataSet(), new boolean[1]);
              DicomJsonTest.assertStrictUtf8(json);
              DicomJsonTest.STRICT.readTree(json);
              touch(header.dataSet());
            }
          }
        });
  }

  @Test
  void public_files_with_changed_bytes_never_lead_to_an_exception_or_a_hang() throws IOException {
    Random random = new Random(53);
    for (Path file : Oracles.publicFiles()) {
      byte[] whole = Files.readAllBytes(file);
      if (whole.length > 60_000) {
        continue;
      }
      for (int i = 0; i < 40; i++) {
        byte[] changed = changed(whole, random);
        Header header = structure(changed);
        assertThat(header.complete() || header.fatal().isPresent()).isTrue();
        if (i % 8 == 0) {
          byte[] json = DicomJsonTest.bytes(new DicomJson(), header.dataSet(), new boolean[1]);
          DicomJsonTest.assertStrictUtf8(json);
          DicomJsonTest.STRICT.readTree(json);
          Files.write(folder.resolve("changed.dcm"), changed);
          Differences.between(file, folder.resolve("changed.dcm"));
        }
      }
    }
  }

  private static byte[] changed(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at =
          random.nextInt(8) == 0
              ? random.nextInt(bytes.length)
              : 132 + random.nextInt(bytes.length - 132);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          for (int k = at; k < Math.min(bytes.length, at + 4); k++) {
            bytes[k] = (byte) 0xFF;
          }
        }
        case 3 -> {
          int from = random.nextInt(bytes.length);
          int n = Math.min(random.nextInt(40), Math.min(bytes.length - from, bytes.length - at));
          System.arraycopy(bytes, from, bytes, at, n);
        }
        default -> bytes = Arrays.copyOf(bytes, Math.max(140, bytes.length - random.nextInt(60)));
      }
    }
    return bytes;
  }

  private static void touch(DataSet dataSet) {
    for (Element element : dataSet.elements()) {
      element.string();
      element.strings();
      element.integer();
      element.bytes();
      element.isCleanText();
      element.items().forEach(DicomReaderTest::touch);
    }
  }

  @Test
  void a_hundred_thousand_nested_sequences_end_at_the_limit_at_once() {
    RawFile file = RawFile.file();
    for (int i = 0; i < 100_000; i++) {
      file.head(Tag.ContentSequence, "SQ", UNDEFINED).item(Tag.Item, UNDEFINED);
    }
    byte[] bytes = file.toBytes();
    structure(RawFile.file().toBytes());

    long start = System.nanoTime();
    Header header = structure(bytes);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertThat(header.fatal().orElseThrow().code()).isEqualTo(Code.NESTING);
    assertThat(header.fatal().orElseThrow().tag()).isEqualTo(Tag.ContentSequence);
  }

  @Test
  void nesting_up_to_the_limit_is_fine() {
    for (int depth : new int[] {64, 65}) {
      RawFile file = RawFile.file();
      for (int i = 0; i < depth; i++) {
        file.head(Tag.ContentSequence, "SQ", UNDEFINED).item(Tag.Item, UNDEFINED);
      }
      for (int i = 0; i < depth; i++) {
        file.item(Tag.ItemDelimitationItem, 0).item(Tag.SequenceDelimitationItem, 0);
      }
      Header header = structure(file.toBytes());
      assertThat(header.has(Code.NESTING)).isEqualTo(depth > 64);
      assertThat(header.complete()).isEqualTo(depth <= 64);
    }
  }

  private static byte[] deflated(byte[] dataSet) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(dataSet);
    deflater.finish();
    byte[] out = new byte[dataSet.length + 1000];
    int n = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, n);
  }

  /** A deflated data set of {@code bytes} zeros in one element. */
  private static byte[] bomb(long bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(RawFile.file(Uids.DeflatedExplicitVRLittleEndian).toBytes());
    DataSetBuilder built =
        new DataSetBuilder().put(Tag.PixelData, VR.OB, bytes, () -> new Repeated(bytes));
    new DicomWriter(TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN).dataSet(built, out);
    return out.toByteArray();
  }

  private static final class Repeated extends InputStream {
    private long left;

    Repeated(long n) {
      left = n;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int n = (int) Math.min(left, length);
      Arrays.fill(into, offset, offset + n, (byte) 0);
      left -= n;
      return n == 0 ? -1 : n;
    }
  }

  @Test
  void a_deflate_bomb_stops_at_the_limit() throws Exception {
    byte[] bomb = bomb(128 << 20);
    assertThat(bomb.length).isLessThan(200 << 10);
    Path file = Files.write(folder.resolve("bomb.dcm"), bomb);
    long heap = usedHeap();

    Header header = reader.structure(file, MessageDigest.getInstance("SHA-256"));

    assertThat(header.fatal().orElseThrow().code()).isEqualTo(Code.TOO_LARGE_UNPACKED);
    assertThat(usedHeap() - heap).isLessThan(16 << 20);
    assertThat(structure(bomb).has(Code.TOO_LARGE_UNPACKED)).isTrue();
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void a_deflated_data_set_stops_at_the_absolute_limit_too() throws IOException {
    Limits low = new Limits(64, 1000, 64, 64, 1 << 20, 1_000_000, 1 << 20, 200);

    assertThat(structure(new DicomReader(low), bomb(2 << 20)).has(Code.TOO_LARGE_UNPACKED))
        .isTrue();
    assertThat(structure(new DicomReader(low), bomb(1 << 19)).has(Code.TOO_LARGE_UNPACKED))
        .isFalse();
  }

  @Test
  void limits_that_make_no_sense_are_refused() {
    Assertions.assertThrows(
        IllegalArgumentException.class, () -> new Limits(0, 1, 64, 64, 1, 1, 1, 1));
    Assertions.assertThrows(
        IllegalArgumentException.class, () -> new Limits(1, 1, 128, 64, 1, 1, 1, 1));
    assertThat(Limits.DEFAULT.nesting()).isEqualTo(64);
    assertThat(Limits.DEFAULT.elements()).isEqualTo(1_000_000);
    assertThat(Limits.DEFAULT.valueBytes()).isEqualTo(1 << 20);
    assertThat(Limits.DEFAULT.unpackedBytes()).isEqualTo(512L << 20);
    assertThat(Limits.DEFAULT.unpackedRatio()).isEqualTo(200);
  }

  @Test
  void a_small_black_image_deflated_is_no_bomb() throws IOException {
    assertThat(structure(bomb(8 << 20)).defects()).isEmpty();
  }

  @Test
  void corrupt_truncated_and_overlong_deflate_are_told_apart() {
    byte[] meta = RawFile.file(Uids.DeflatedExplicitVRLittleEndian).toBytes();
    byte[] packed =
        deflated(RawFile.dataSet().text(Tag.PatientID, "LO", "x".repeat(3000)).toBytes());

    byte[] cut =
        RawFile.dataSet().bytes(meta).bytes(Arrays.copyOf(packed, packed.length - 5)).toBytes();
    assertThat(structure(cut).fatal().orElseThrow().code()).isEqualTo(Code.TRUNCATED);

    byte[] corrupt =
        RawFile.dataSet().bytes(meta).bytes(0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0).toBytes();
    assertThat(structure(corrupt).fatal().orElseThrow().code()).isEqualTo(Code.DEFLATE_CORRUPT);

    byte[] longer = RawFile.dataSet().bytes(meta).bytes(packed).bytes(new byte[9]).toBytes();
    Header header = structure(longer);
    assertThat(codes(header)).containsExactly(Code.TRAILING_DATA);
    assertThat(header.defects().get(0).offset()).isEqualTo(meta.length + packed.length);
    assertThat(header.dataSet().string(Tag.PatientID)).hasSize(3000);
  }

  static Stream<Arguments> brokenFiles() {
    byte[] ff = new byte[128];
    Arrays.fill(ff, (byte) 0xFF);
    return Stream.of(
        row(
            Code.PREAMBLE_NOT_ZERO,
            Severity.NOTE,
            RawFile.preamble(ff)
                .bytes(withoutPreamble(RawFile.file().text(Tag.PatientID, "LO", "AB")))),
        row(
            Code.NO_FILE_META,
            Severity.ERROR,
            RawFile.preamble(new byte[128])
                .text(0x00080060, "CS", "CT")
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.NO_PREAMBLE,
            Severity.WARNING,
            RawFile.dataSet().text(0x00080060, "CS", "CT").text(Tag.PatientID, "LO", "AB")),
        row(
            Code.META_GROUP_LENGTH,
            Severity.WARNING,
            RawFile.preamble(new byte[128])
                .head(0x00020000, "UL", 4)
                .u32(7)
                .text(Tag.TransferSyntaxUID, "UI", "1.2.840.10008.1.2.1\0")
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.META_GROUP_LENGTH,
            Severity.WARNING,
            RawFile.preamble(new byte[128])
                .text(Tag.TransferSyntaxUID, "UI", "1.2.840.10008.1.2.1\0")
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.META_IMPLICIT,
            Severity.ERROR,
            RawFile.preamble(new byte[128])
                .item(Tag.TransferSyntaxUID, 20)
                .bytes("1.2.840.10008.1.2.1\0".getBytes(StandardCharsets.US_ASCII))
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.NO_TRANSFER_SYNTAX,
            Severity.ERROR,
            RawFile.preamble(new byte[128])
                .head(0x00020000, "UL", 4)
                .u32(14)
                .text(Tag.MediaStorageSOPInstanceUID, "UI", "1.2.30")
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.UNKNOWN_TRANSFER_SYNTAX,
            Severity.ERROR,
            RawFile.file("1.2.840.99999").text(Tag.PatientID, "LO", "AB")),
        row(
            Code.UNKNOWN_TRANSFER_SYNTAX,
            Severity.FATAL,
            RawFile.file("1.2.840.99999").bytes(new byte[40])),
        row(
            Code.TRANSFER_SYNTAX_MISMATCH,
            Severity.ERROR,
            RawFile.file(Uids.ImplicitVRLittleEndian).text(Tag.PatientID, "LO", "AB")),
        row(
            Code.TRANSFER_SYNTAX_MISMATCH,
            Severity.ERROR,
            RawFile.file(Uids.ExplicitVRLittleEndian).item(Tag.PatientID, 2).bytes('A', 'B')),
        row(
            Code.TRANSFER_SYNTAX_MISMATCH,
            Severity.ERROR,
            RawFile.file(Uids.DeflatedExplicitVRLittleEndian).text(Tag.PatientID, "LO", "AB")),
        row(
            Code.LENGTH_RESERVED,
            Severity.FATAL,
            RawFile.file().head(Tag.PixelData, "OW", 0xFFFFFFFEL)),
        row(Code.TRUNCATED, Severity.FATAL, RawFile.file().head(Tag.PixelData, "OW", 0x80000000L)),
        row(Code.TRUNCATED, Severity.FATAL, RawFile.file().head(0x00091001, "UN", 0x7FFFFFFFL)),
        row(
            Code.TRUNCATED,
            Severity.FATAL,
            RawFile.file().head(Tag.PatientID, "LO", 0xFFFF).bytes(1, 2, 3)),
        row(
            Code.TRUNCATED,
            Severity.FATAL,
            RawFile.file().head(Tag.ContentSequence, "SQ", 100).item(Tag.Item, 10)),
        row(Code.LENGTH_ODD, Severity.WARNING, RawFile.file().text(Tag.PatientID, "LO", "ABC")),
        row(
            Code.LENGTH_PAST_END,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", 18)
                .item(Tag.Item, 8)
                .text(Tag.PatientID, "LO", "AB")
                .text(Tag.Rows, "US", "AB")),
        row(
            Code.LENGTH_PAST_END,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", 8)
                .item(Tag.Item, 10)
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.LENGTH_UNDEFINED,
            Severity.FATAL,
            RawFile.file().head(0x00420010, "UT", UNDEFINED).bytes(1, 2, 3, 4)),
        row(
            Code.NO_DELIMITER,
            Severity.FATAL,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", UNDEFINED)
                .item(Tag.Item, UNDEFINED)
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.NO_DELIMITER,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", UNDEFINED)
                .item(Tag.Item, UNDEFINED)
                .text(Tag.PatientID, "LO", "AB")
                .item(Tag.SequenceDelimitationItem, 0)),
        row(
            Code.NO_DELIMITER,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", UNDEFINED)
                .item(Tag.Item, UNDEFINED)
                .item(Tag.Item, UNDEFINED)
                .item(Tag.ItemDelimitationItem, 0)
                .item(Tag.SequenceDelimitationItem, 0)),
        row(
            Code.NO_DELIMITER,
            Severity.FATAL,
            RawFile.file(Uids.RLELossless).head(Tag.PixelData, "OB", UNDEFINED).item(Tag.Item, 0)),
        row(
            Code.NO_DELIMITER,
            Severity.FATAL,
            RawFile.file(Uids.RLELossless)
                .head(Tag.PixelData, "OB", UNDEFINED)
                .item(Tag.Item, 0)
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.LENGTH_RESERVED,
            Severity.FATAL,
            RawFile.file(Uids.RLELossless)
                .head(Tag.PixelData, "OB", UNDEFINED)
                .item(Tag.Item, UNDEFINED)),
        row(
            Code.STRAY_DELIMITER,
            Severity.ERROR,
            RawFile.file().text(Tag.PatientID, "LO", "AB").item(Tag.SequenceDelimitationItem, 0)),
        row(
            Code.STRAY_DELIMITER,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", 16)
                .item(Tag.Item, 8)
                .item(Tag.ItemDelimitationItem, 0)),
        row(Code.STRAY_DELIMITER, Severity.FATAL, RawFile.file().item(Tag.Item, 0)),
        row(
            Code.DELIMITER_LENGTH,
            Severity.WARNING,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", UNDEFINED)
                .item(Tag.SequenceDelimitationItem, 4)),
        row(
            Code.NOT_AN_ITEM,
            Severity.FATAL,
            RawFile.file()
                .head(Tag.ContentSequence, "SQ", UNDEFINED)
                .text(Tag.PatientID, "LO", "AB")),
        row(
            Code.NOT_AN_ITEM,
            Severity.ERROR,
            RawFile.file().head(Tag.ContentSequence, "SQ", 10).text(Tag.PatientID, "LO", "AB")),
        row(
            Code.TAG_ORDER,
            Severity.WARNING,
            RawFile.file().text(Tag.PatientID, "LO", "AB").text(Tag.PatientName, "PN", "AB")),
        row(
            Code.DUPLICATE_TAG,
            Severity.ERROR,
            RawFile.file().text(Tag.PatientID, "LO", "AB").text(Tag.PatientID, "LO", "AB")),
        row(
            Code.DUPLICATE_TAG,
            Severity.ERROR,
            RawFile.file()
                .text(Tag.PatientID, "LO", "AB")
                .text(Tag.PatientName, "PN", "AB")
                .text(Tag.PatientID, "LO", "AB")),
        row(Code.TAG_INVALID, Severity.ERROR, RawFile.file().text(0x00010001, "LO", "AB")),
        row(
            Code.TAG_INVALID,
            Severity.ERROR,
            RawFile.file().text(Tag.PatientID, "LO", "AB").item(0xFFFE1234, 0)),
        row(
            Code.GROUP_0000,
            Severity.ERROR,
            RawFile.file().text(Tag.PatientID, "LO", "AB").text(0x00000002, "UI", "1\0")),
        row(
            Code.GROUP_0002_IN_DATA_SET,
            Severity.ERROR,
            RawFile.file().text(0x00080060, "CS", "CT").text(0x00020010, "UI", "1\0")),
        row(
            Code.PRIVATE_WITHOUT_CREATOR,
            Severity.WARNING,
            RawFile.file().text(0x00091001, "LO", "AB")),
        row(
            Code.PRIVATE_WITHOUT_CREATOR,
            Severity.WARNING,
            RawFile.file().text(0x00090011, "LO", "AB").text(0x00091001, "LO", "AB")),
        row(
            Code.SQ_IN_PIXEL_DATA,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.PixelData, "SQ", UNDEFINED)
                .item(Tag.Item, 0)
                .item(Tag.SequenceDelimitationItem, 0)),
        row(
            Code.SQ_IN_PIXEL_DATA,
            Severity.ERROR,
            RawFile.file().head(Tag.PixelData, "SQ", 8).item(Tag.Item, 0)),
        row(
            Code.PIXEL_DATA_ENCAPSULATED,
            Severity.ERROR,
            RawFile.file()
                .head(Tag.PixelData, "OB", UNDEFINED)
                .item(Tag.Item, 0)
                .item(Tag.SequenceDelimitationItem, 0)),
        row(
            Code.PIXEL_DATA_NOT_ENCAPSULATED,
            Severity.WARNING,
            RawFile.file(Uids.RLELossless).head(Tag.PixelData, "OB", 2).bytes(1, 2)),
        row(
            Code.VR_UNKNOWN,
            Severity.ERROR,
            RawFile.file()
                .text(0x00080060, "CS", "CT")
                .tag(Tag.PatientID)
                .bytes('Z', 'Z')
                .u16(0)
                .u32(2)
                .bytes('A', 'B')),
        row(
            Code.VR_UNKNOWN,
            Severity.ERROR,
            RawFile.file()
                .text(0x00080060, "CS", "CT")
                .tag(Tag.PatientID)
                .bytes('?', '?')
                .u16(2)
                .bytes('A', 'B')),
        row(Code.VR_MISMATCH, Severity.WARNING, RawFile.file().text(Tag.PatientID, "SH", "AB")),
        row(
            Code.TRAILING_DATA,
            Severity.WARNING,
            RawFile.file().head(Tag.PixelData, "OB", 2).bytes(1, 2).bytes(9, 9, 9)),
        row(
            Code.TRAILING_DATA,
            Severity.WARNING,
            RawFile.file()
                .head(Tag.PixelData, "OB", 2)
                .bytes(1, 2)
                .bytes("some words after it".getBytes(StandardCharsets.US_ASCII))),
        row(
            Code.TRAILING_DATA,
            Severity.WARNING,
            RawFile.file().head(Tag.PixelData, "OB", 2).bytes(1, 2).bytes(new byte[100])),
        row(
            Code.TRAILING_DATA,
            Severity.WARNING,
            RawFile.file().text(Tag.PatientID, "LO", "AB").bytes(new byte[100])));
  }

  private static byte[] withoutPreamble(RawFile file) {
    return Arrays.copyOfRange(file.toBytes(), 132, file.size());
  }

  private static Arguments row(Code code, Severity severity, RawFile file) {
    return Arguments.of(code, severity, file.toBytes());
  }

  @ParameterizedTest(name = "{index} {0} {1}")
  @MethodSource("brokenFiles")
  void each_thing_wrong_has_its_code(Code code, Severity severity, byte[] file) throws IOException {
    Header header = structure(file);

    assertThat(header.defects())
        .anySatisfy(
            defect -> {
              assertThat(defect.code()).isEqualTo(code);
              assertThat(defect.severity()).isEqualTo(severity);
            });
    assertThat(header.fatal().isPresent()).isEqualTo(severity == Severity.FATAL);
    assertThat(header.complete()).isEqualTo(severity != Severity.FATAL);
    Path onDisk = Files.write(folder.resolve("f.dcm"), file);
    assertThat(codes(reader.structure(onDisk, null))).isEqualTo(codes(header));
    header.defects().forEach(d -> assertThat(d.sentence()).doesNotContain("AB"));
  }

  @Test
  void every_code_is_seen_in_some_test() {
    Set<Code> seen = EnumSet.noneOf(Code.class);
    brokenFiles().forEach(row -> seen.add((Code) row.get()[0]));
    // those have tests of their own
    seen.addAll(
        EnumSet.of(
            Code.EMPTY,
            Code.NOT_DICOM,
            Code.EXECUTABLE_PREAMBLE,
            Code.NESTING,
            Code.TOO_MANY_ELEMENTS,
            Code.TOO_LARGE_UNPACKED,
            Code.DEFLATE_CORRUPT,
            Code.VALUES_NOT_KEPT));

    assertThat(seen).containsExactlyInAnyOrder(Code.values());
  }

  @ParameterizedTest
  @CsvSource({
    "MZ",
    "#!/bin/sh",
    "'{\"a\":'",
    "<html>",
    "'  <?xml'",
    "%PDF-1.7",
    "PK\u0003\u0004",
    "\u007fELF",
    "[1,2"
  })
  void a_preamble_that_begins_another_kind_of_file_is_named(String beginning) {
    byte[] preamble = Arrays.copyOf(beginning.getBytes(StandardCharsets.ISO_8859_1), 128);
    byte[] file = withPreamble(preamble);

    assertThat(codes(structure(file))).containsExactly(Code.EXECUTABLE_PREAMBLE);
  }

  @ParameterizedTest
  @CsvSource({"73,73,42,0", "77,77,0,42", "73,73,43,0"})
  void a_tiff_preamble_is_accepted(int a, int b, int c, int d) {
    byte[] preamble = Arrays.copyOf(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d, 9}, 128);

    assertThat(structure(withPreamble(preamble)).defects()).isEmpty();
  }

  private static byte[] withPreamble(byte[] preamble) {
    byte[] file = RawFile.file().text(Tag.PatientID, "LO", "AB").toBytes();
    System.arraycopy(preamble, 0, file, 0, 128);
    return file;
  }

  @Test
  void other_files_are_not_dicom() {
    byte[] random = new byte[5000];
    new Random(1).nextBytes(random);
    byte[] late = new byte[300];
    System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, late, 129, 4);
    for (byte[] other :
        List.of(
            new byte[1],
            new byte[131],
            new byte[132],
            new byte[100_000],
            random,
            late,
            "DICM and nothing else".getBytes(StandardCharsets.US_ASCII),
            "A letter to a patient, quite long enough."
                .repeat(9)
                .getBytes(StandardCharsets.US_ASCII),
            new byte[] {
              (byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'
            })) {
      assertThat(codes(structure(other))).containsExactly(Code.NOT_DICOM);
      assertThat(Part10.looksLikeDicom(other, Math.min(other.length, Part10.HEAD))).isFalse();
    }
    assertThat(codes(structure(new byte[0]))).containsExactly(Code.EMPTY);
  }

  @Test
  void files_without_preamble_or_meta_are_recognised_and_the_guess_is_flagged() {
    for (TransferSyntax syntax :
        List.of(
            TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
            TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
            TransferSyntax.EXPLICIT_VR_BIG_ENDIAN)) {
      byte[] bare =
          new DicomWriter(syntax)
              .dataSet(DicomFixtures.pixels(DicomFixtures.header(1, 1), 2, 64, 1));
      assertThat(Part10.looksLikeDicom(bare, Math.min(bare.length, Part10.HEAD))).isTrue();
      Header header = structure(bare);
      assertThat(codes(header)).containsExactly(Code.NO_PREAMBLE, Code.NO_FILE_META);
      assertThat(header.transferSyntax()).isEqualTo(syntax);
      assertThat(header.transferSyntaxGuessed()).isTrue();
      assertThat(header.fileMeta().present()).isFalse();
      assertThat(header.dataSet().string(Tag.PatientID)).isEqualTo("PID1");
    }
    byte[] whole = DicomFixtures.ct(1);
    Header withoutPreamble = structure(Arrays.copyOfRange(whole, 132, whole.length));
    assertThat(codes(withoutPreamble)).containsExactly(Code.NO_PREAMBLE);
    assertThat(withoutPreamble.transferSyntaxGuessed()).isFalse();
  }

  @Test
  void the_media_storage_sop_class_is_known_from_the_first_bytes() {
    byte[] ct = DicomFixtures.ct(1);
    assertThat(Part10.mediaStorageSopClass(ct, Part10.HEAD)).isEqualTo(Uids.CTImageStorage);
    assertThat(Part10.isDicomdir(ct, Part10.HEAD)).isFalse();
    byte[] directory =
        new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
            .file(
                new DataSetBuilder()
                    .put(Tag.SOPClassUID, Uids.MediaStorageDirectoryStorage)
                    .put(Tag.SOPInstanceUID, "1.2"));
    assertThat(Part10.isDicomdir(directory, Math.min(directory.length, Part10.HEAD))).isTrue();
    for (int length = 0; length < 200; length++) {
      Part10.isDicomdir(directory, length);
      Part10.looksLikeDicom(Arrays.copyOfRange(directory, 132, 332), length);
    }
  }

  @Test
  void unknown_vr_of_undefined_length_is_read_as_implicit_vr() {
    byte[] file =
        RawFile.file()
            .text(0x00090010, "LO", "HOWDAH")
            .head(0x00091001, "UN", UNDEFINED)
            .item(Tag.Item, UNDEFINED)
            .item(Tag.PatientID, 2)
            .bytes('A', 'B')
            .item(Tag.ItemDelimitationItem, 0)
            .item(Tag.SequenceDelimitationItem, 0)
            .text(Tag.PatientName, "PN", "CD")
            .toBytes();
    Header header = structure(file);

    assertThat(header.defects()).isEmpty();
    assertThat(header.dataSet().sequence(0x00091001).get(0).string(Tag.PatientID)).isEqualTo("AB");
    assertThat(header.dataSet().string(Tag.PatientName)).isEqualTo("CD");
  }

  @Test
  void unknown_vr_in_a_big_endian_file_is_little_endian_inside() {
    DataSetBuilder inside = new DataSetBuilder().put(Tag.Rows, 258).put(Tag.PatientID, "AB");
    byte[] item = new DicomWriter(TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN).dataSet(inside);
    byte[] before =
        new DicomWriter(TransferSyntax.EXPLICIT_VR_BIG_ENDIAN)
            .file(new DataSetBuilder().put(0x00090010, VR.LO, "HOWDAH"));
    byte[] after =
        new DicomWriter(TransferSyntax.EXPLICIT_VR_BIG_ENDIAN)
            .dataSet(new DataSetBuilder().put(Tag.Rows, 259));
    byte[] file =
        RawFile.dataSet()
            .bytes(before)
            .bytes(0x00, 0x09, 0x10, 0x01, 'U', 'N', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF)
            .item(Tag.Item, UNDEFINED)
            .bytes(item)
            .item(Tag.ItemDelimitationItem, 0)
            .item(Tag.SequenceDelimitationItem, 0)
            .bytes(after)
            .toBytes();
    Header header = structure(file);

    assertThat(header.defects()).isEmpty();
    DataSet read = header.dataSet().sequence(0x00091001).get(0);
    assertThat(read.integer(Tag.Rows)).isEqualTo(258);
    assertThat(read.string(Tag.PatientID)).isEqualTo("AB");
    assertThat(header.dataSet().integer(Tag.Rows)).isEqualTo(259);
  }

  @Test
  void what_was_unknown_to_the_writer_is_known_to_us() {
    byte[] file =
        RawFile.file()
            .head(Tag.PatientName, "UN", 4)
            .bytes('A', '^', 'B', ' ')
            .head(Tag.RequestAttributesSequence, "UN", 18)
            .item(Tag.Item, 10)
            .item(Tag.RequestedProcedureID, 2)
            .bytes('P', '1')
            .toBytes();
    DataSet dataSet = structure(file).dataSet();

    assertThat(dataSet.element(Tag.PatientName).vr()).isEqualTo(VR.PN);
    assertThat(dataSet.string(Tag.PatientName)).isEqualTo("A^B");
    assertThat(
            dataSet.sequence(Tag.RequestAttributesSequence).get(0).string(Tag.RequestedProcedureID))
        .isEqualTo("P1");
  }

  @Test
  void signed_or_unsigned_is_known_from_the_pixel_representation() throws DicomException {
    DataSetBuilder built =
        new DataSetBuilder()
            .put(Tag.PixelRepresentation, 1)
            .put(Tag.SmallestImagePixelValue, VR.SS, -5);
    DataSet dataSet =
        reader.dataSet(
            new DicomWriter(TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN).dataSet(built),
            TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN);

    assertThat(dataSet.string(Tag.SmallestImagePixelValue)).isEqualTo("-5");
  }

  @Test
  void the_first_of_two_equal_tags_counts() {
    Header header =
        structure(
            RawFile.file()
                .text(Tag.PatientID, "LO", "AB")
                .text(Tag.PatientID, "LO", "CD")
                .toBytes());

    assertThat(header.dataSet().string(Tag.PatientID)).isEqualTo("AB");
  }

  @Test
  void elements_after_the_pixels_are_read_and_offsets_are_right() {
    byte[] file =
        new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
            .file(
                DicomFixtures.pixels(DicomFixtures.header(1, 1), 64, 64, 3)
                    .put(Tag.DataSetTrailingPadding, VR.OB, new byte[10]));
    Header header = structure(file);

    assertThat(header.dataSet().element(Tag.DataSetTrailingPadding).length()).isEqualTo(10);
    for (Element element : header.dataSet().elements()) {
      if (element.hasValue()) {
        int at = (int) element.offset();
        assertThat(Arrays.copyOfRange(file, at, at + (int) element.length()))
            .isEqualTo(element.bytes());
      }
    }
    assertThat(header.pixelData().offset() + header.pixelData().length() + 12 + 10)
        .isEqualTo(file.length);
  }

  @Test
  void more_elements_than_the_limit_end_the_reading() {
    RawFile file = RawFile.file();
    for (int i = 0; i < 1100; i++) {
      file.text(0x00090010 + i, "LO", "");
    }
    DicomReader few =
        new DicomReader(new Limits(64, 1000, 1 << 20, 16 << 20, 1 << 20, 200, 1, 200));

    Header header = structure(few, file.toBytes());

    assertThat(header.fatal().orElseThrow().code()).isEqualTo(Code.TOO_MANY_ELEMENTS);
    assertThat(header.dataSet().elements()).hasSize(1000);
    assertThat(structure(file.toBytes()).complete()).isTrue();
  }

  @Test
  void a_million_tiny_elements_in_no_order_are_read_in_two_seconds() {
    RawFile file = RawFile.file();
    file.head(Tag.ContentSequence, "SQ", UNDEFINED);
    for (int item = 0; item < 1000; item++) {
      file.item(Tag.Item, UNDEFINED);
      for (int i = 0; i < 990; i++) {
        file.head(0x00110010 | (i * 7919 & 0xFFF) << 4, "SH", 0);
      }
      file.item(Tag.ItemDelimitationItem, 0);
    }
    file.item(Tag.SequenceDelimitationItem, 0);
    byte[] bytes = file.toBytes();

    long start = System.nanoTime();
    Header header = structure(bytes);

    assertThat(header.complete()).isTrue();
    assertThat(header.dataSet().sequence(Tag.ContentSequence)).hasSize(1000);
    assertThat(header.defects())
        .as("of each of three codes the first 200")
        .hasSize(3 * Limits.DEFAULT.defects());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void ten_thousand_fragments_are_listed() {
    byte[][] fragments = new byte[10_000][2];
    byte[] file =
        new DicomWriter(TransferSyntax.of(Uids.JPEGBaseline8Bit))
            .file(DicomFixtures.header(1, 1).encapsulatedPixelData(fragments));

    Header header = structure(file);

    assertThat(header.pixelData().fragments()).hasSize(10_001);
    assertThat(header.defects()).isEmpty();
  }

  @Test
  void long_values_are_passed_over_and_others_kept_up_to_the_limit() {
    Limits tight = new Limits(64, 10_000, 1000, 20_000, 1 << 20, 200, 1, 200);
    DataSetBuilder built = DicomFixtures.header(1, 1);
    List<DataSetBuilder> items = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      items.add(new DataSetBuilder().put(Tag.CodeMeaning, "x".repeat(600)));
    }
    built
        .put(0x00091001, VR.OB, new byte[1001 + 1])
        .put(0x00091002, VR.OB, new byte[1000])
        .sequence(Tag.RequestAttributesSequence, items.toArray(DataSetBuilder[]::new))
        .put(0x00400280, VR.ST, "kept although it comes late");
    byte[] file = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).file(built);

    Header header = structure(new DicomReader(tight), file);

    assertThat(codes(header)).contains(Code.VALUES_NOT_KEPT);
    assertThat(header.complete()).isTrue();
    DataSet dataSet = header.dataSet();
    assertThat(dataSet.element(0x00091001).hasValue()).isFalse();
    assertThat(dataSet.element(0x00091001).length()).isEqualTo(1002);
    assertThat(dataSet.element(0x00091002).hasValue()).isTrue();
    List<DataSet> read = dataSet.sequence(Tag.RequestAttributesSequence);
    assertThat(read.get(0).string(Tag.CodeMeaning)).hasSize(600);
    assertThat(read.get(99).element(Tag.CodeMeaning).hasValue()).isFalse();
    assertThat(dataSet.string(0x00400280)).isEqualTo("kept although it comes late");
    assertThat(dataSet.string(Tag.PatientID)).isEqualTo("PID1");
  }

  @Test
  void a_file_larger_than_memory_is_read_in_little(@TempDir Path large) throws Exception {
    Path file = large.resolve("large.dcm");
    DicomFixtures.large(1, 256 << 20, file);
    long heap = usedHeap();

    Header header = reader.structure(file, null);

    assertThat(header.defects()).isEmpty();
    assertThat(header.complete()).isTrue();
    assertThat(header.pixelData().length()).isEqualTo(256 << 20);
    assertThat(usedHeap() - heap).isLessThan(4 << 20);
  }

  @Test
  void a_bare_data_set_that_is_broken_is_an_exception_without_a_value() {
    byte[] cut = RawFile.dataSet().head(Tag.PatientID, "LO", 40).bytes('S', 'E', 'C').toBytes();

    assertThat(
            Assertions.assertThrows(
                DicomException.class,
                () -> reader.dataSet(cut, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)))
        .hasMessageContaining("TRUNCATED (0010,0020) at 0")
        .hasMessageNotContaining("SEC");
  }
}
