package io.howdah.validate;

import static io.howdah.validate.MadeObject.element;
import static io.howdah.validate.MadeObject.header;
import static io.howdah.validate.MadeObject.item;
import static io.howdah.validate.MadeObject.joined;
import static io.howdah.validate.MadeObject.sound;

import io.howdah.dicom.Uids;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;

/** The files of the abuse plan, A40 to A52, made in code. */
final class HostileCorpus {
  private static final int UNDEFINED = 0xFFFFFFFF;
  private static final int ITEM = 0xFFFEE000;
  private static final int ITEM_END = 0xFFFEE00D;
  private static final int SEQUENCE_END = 0xFFFEE0DD;
  private static final int PIXEL_DATA = 0x7FE00010;
  private static final int SEQUENCE = 0x00081140;

  /** The ways to be wrong that {@link #wrong} knows. */
  static final List<String> WAYS =
      List.of(
          "no study UID",
          "no patient ID",
          "no patient name",
          "no SOP class",
          "no SOP instance",
          "no modality",
          "no study date",
          "no study time",
          "no study description",
          "no accession number",
          "no series UID",
          "no pixel data",
          "SOP class not that of the meta group",
          "SOP instance not that of the meta group",
          "SOP class not in the meta group",
          "SOP class nobody knows",
          "SOP class of a service",
          "modality of another SOP class",
          "element twice",
          "element out of order",
          "group 0000",
          "group 0002",
          "group 0001",
          "private without creator",
          "VR of another tag",
          "VR nobody knows",
          "too many values",
          "a date that is none",
          "a value too long",
          "lower case code",
          "number of three bytes",
          "pixel data too short",
          "pixel data too long",
          "bits of an impossible number");

  private HostileCorpus() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** One file for each row of the plan, by name; no two are equal. */
  static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] whole = sound().file();
    byte[] random = new byte[4096];
    new Random(40).nextBytes(random);
    files.put("A40 empty", new byte[0]);
    files.put("A40 one byte", new byte[1]);
    files.put("A40 131 bytes", new byte[131]);
    files.put("A40 132 bytes", new byte[132]);
    files.put("A40 zeros", new byte[100_000]);
    files.put("A40 random", random);
    files.put("A40 text", ascii("Dear colleague, ".repeat(100)));
    files.put("A40 PNG", joined(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}, random));
    for (int length = 133; length < whole.length; length += 37) {
      files.put("A40 cut off at " + length, Arrays.copyOf(whole, length));
    }
    byte[] wrongLength = whole.clone();
    wrongLength[140] += 2;
    byte[] ones = new byte[128];
    Arrays.fill(ones, (byte) 0xFF);
    files.put("A41 no preamble", Arrays.copyOfRange(whole, 132, whole.length));
    files.put("A41 no meta", sound().dataSet());
    files.put("A41 group length", wrongLength);
    files.put("A41 preamble of ones", sound().preamble(ones).file());
    files.put("A41 misplaced DICM", joined(new byte[1], whole));
    files.put("A41 no transfer syntax", sound().withoutMeta(0x00020010).file());
    files.put("A41 unknown transfer syntax", sound().transferSyntax("1.2.840.10008.1.2.77").file());
    for (String magic : List.of("MZ", "\u007fELF", "{\"a\":\"", "#!/bin/sh\n", "II*\0")) {
      files.put("A42 " + magic.strip(), sound().preamble(Arrays.copyOf(ascii(magic), 128)).file());
    }
    files.put("A43 nested", nested(100_000));
    files.put("A44 bomb", bomb());
    byte[] deflated = deflated(sound());
    byte[] corrupt = deflated.clone();
    Arrays.fill(corrupt, deflated.length - 200, deflated.length - 150, (byte) 0xA5);
    files.put("A44 corrupt", corrupt);
    files.put("A44 cut off", Arrays.copyOf(deflated, deflated.length - 50));
    files.put("A44 trailing", joined(deflated, new byte[100]));
    for (int length : new int[] {0xFFFFFFFE, 0x7FFFFFFE, 0x80000000, 100_001}) {
      String name = Integer.toHexString(length);
      files.put(
          "A45 length " + name,
          sound().without(PIXEL_DATA).after(header(PIXEL_DATA, "OB", length)).file());
      files.put("A45 fragment " + name, compressed(1, item(ITEM, length)));
    }
    files.put("A46 no delimiter", compressed(3, new byte[0]));
    files.put("A46 stray delimiter", sound().before(item(ITEM_END, 0)).file());
    files.put("A46 SQ in pixel data", sound().with(PIXEL_DATA, "SQ", new byte[0]).file());
    files.put("A46 fragments", compressed(10_000));
    files.put("A46 tiny elements", tiny(1_100_000));
    int number = 0;
    for (String uid :
        List.of("..", "../../x", "a/b", "C:\\", "%2e%2e", "1.2\0.3", "", "1.2\\1.3", "1.02.3")) {
      files.put("A47 instance " + number, sound().with(0x00080018, "UI", uid).file());
      files.put("A47 study " + number++, sound().with(0x0020000D, "UI", uid).file());
    }
    WAYS.forEach(way -> files.put("A49 " + way, wrong(way).file()));
    for (String text :
        List.of(
            "${jndi:ldap://h/a}",
            "{{howdah.db.url}}",
            "${header.x}",
            "%n%s%x",
            "<script>",
            "a\u0007\u001b[31mb")) {
      files.put("A50 " + files.size(), sound().with(0x00081030, "LO", text).file());
    }
    files.put("A50 no UTF-8", sound().with(0x00081030, "LO", new byte[] {'A', (byte) 0xC3}).file());
    files.put("A50 unknown set", sound().with(0x00080005, "CS", "ISO_IR 999").file());
    files.put(
        "A50 long name", sound().with(0x00100010, "PN", MadeObject.CANARY.repeat(8000)).file());
    files.put(
        "A51 dimensions",
        sound()
            .number(0x00280010, 65535)
            .number(0x00280011, 65535)
            .with(0x00280008, "IS", "999999")
            .file());
    files.put("A51 bits", sound().number(0x00280100, 33).file());
    byte[] record = element(0x00041500, "CS", ascii("..\\..\\ETC\\PASSWD "));
    files.put(
        "A52 records",
        sound().with(0x00041220, "SQ", joined(item(ITEM, record.length), record)).file());
    files.put(
        "A52 DICOMDIR",
        sound().meta(0x00020002, "UI", ascii(Uids.MediaStorageDirectoryStorage)).file());
    return files;
  }

  /** Sequences within sequences, none of which ends. */
  static byte[] nested(int depth) {
    return sound()
        .before(repeated(joined(undefined(SEQUENCE, "SQ"), item(ITEM, UNDEFINED)), depth))
        .file();
  }

  /** So many elements of no length after the data set. */
  static byte[] tiny(int count) {
    return sound()
        .without(PIXEL_DATA)
        .after(repeated(element(0x00091001, "LO", new byte[0]), count))
        .file();
  }

  private static byte[] repeated(byte[] part, int times) {
    byte[] all = new byte[part.length * times];
    for (int i = 0; i < all.length; i += part.length) {
      System.arraycopy(part, 0, all, i, part.length);
    }
    return all;
  }

  /** Half a megabyte that unpacks to half a gigabyte. */
  static byte[] bomb() {
    byte[] zeros = new byte[1 << 20];
    MadeObject made = sound().without(PIXEL_DATA).after(header(PIXEL_DATA, "OB", 512 << 20));
    Deflater deflater = new Deflater(9, true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    deflate(deflater, made.dataSet(), out);
    for (int i = 0; i < 512; i++) {
      deflate(deflater, zeros, out);
    }
    deflater.finish();
    deflate(deflater, new byte[0], out);
    deflater.end();
    return made.transferSyntax(Uids.DeflatedExplicitVRLittleEndian).file(out.toByteArray());
  }

  private static void deflate(Deflater deflater, byte[] bytes, ByteArrayOutputStream out) {
    byte[] buffer = new byte[1 << 16];
    if (bytes.length > 0) {
      deflater.setInput(bytes);
    }
    for (int n = deflater.deflate(buffer); n > 0; n = deflater.deflate(buffer)) {
      out.write(buffer, 0, n);
    }
  }

  /** The object in Deflated Explicit VR Little Endian. */
  static byte[] deflated(MadeObject made) {
    Deflater deflater = new Deflater(9, true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    deflate(deflater, made.dataSet(), out);
    deflater.finish();
    deflate(deflater, new byte[0], out);
    deflater.end();
    return made.transferSyntax(Uids.DeflatedExplicitVRLittleEndian).file(out.toByteArray());
  }

  static byte[] undefined(int tag, String vr) {
    return header(tag, vr, UNDEFINED);
  }

  /** Pixel data in fragments; what comes after them instead of the delimiter, if anything. */
  static byte[] compressed(int fragments, byte[]... instead) {
    MadeObject made = sound().without(PIXEL_DATA).transferSyntax(Uids.RLELossless);
    made.after(undefined(PIXEL_DATA, "OB"));
    made.after(item(ITEM, 0));
    for (int i = 0; i < fragments; i++) {
      made.after(item(ITEM, 4)).after(new byte[] {1, 2, 3, 4});
    }
    for (byte[] bytes : instead) {
      made.after(bytes);
    }
    if (instead.length == 0) {
      made.after(item(SEQUENCE_END, 0));
    }
    return made.file();
  }

  /** An object that is wrong in one way. */
  static MadeObject wrong(String how) {
    MadeObject made = sound();
    return switch (how) {
      case "no study UID" -> made.without(0x0020000D);
      case "no patient ID" -> made.without(0x00100020);
      case "no patient name" -> made.without(0x00100010);
      case "no SOP class" -> made.without(0x00080016);
      case "no SOP instance" -> made.without(0x00080018);
      case "no modality" -> made.without(0x00080060);
      case "no study date" -> made.without(0x00080020);
      case "no study time" -> made.without(0x00080030);
      case "no study description" -> made.without(0x00081030);
      case "no accession number" -> made.without(0x00080050);
      case "no series UID" -> made.without(0x0020000E);
      case "no pixel data" -> made.without(PIXEL_DATA);
      case "SOP class not that of the meta group" ->
          made.with(0x00080016, "UI", Uids.CTImageStorage).with(0x00080060, "CS", "CT");
      case "SOP instance not that of the meta group" -> made.with(0x00080018, "UI", "1.2.3.4");
      case "SOP class not in the meta group" -> made.withoutMeta(0x00020002);
      case "SOP class nobody knows" ->
          made.with(0x00080016, "UI", "1.2.3.4")
              .meta(0x00020002, "UI", "1.2.3.4\0".getBytes(StandardCharsets.US_ASCII));
      case "SOP class of a service" ->
          made.with(0x00080016, "UI", Uids.Verification)
              .meta(
                  0x00020002, "UI", (Uids.Verification + "\0").getBytes(StandardCharsets.US_ASCII));
      case "modality of another SOP class" ->
          made.with(0x00080016, "UI", Uids.CTImageStorage)
              .meta(
                  0x00020002,
                  "UI",
                  (Uids.CTImageStorage + "\0").getBytes(StandardCharsets.US_ASCII))
              .with(0x00080060, "CS", "MR");
      case "element twice" ->
          made.before(element(0x00080005, "CS", "ISO_IR 100".getBytes(StandardCharsets.US_ASCII)));
      case "element out of order" ->
          made.before(element(0x00100021, "LO", "issuer".getBytes(StandardCharsets.US_ASCII)));
      case "group 0000" -> made.with(0x00000002, "UI", Uids.Verification);
      case "group 0002" ->
          made.before(element(0x00080001, "UL", new byte[4]))
              .before(element(0x00020013, "SH", "HOWDAH".getBytes(StandardCharsets.US_ASCII)));
      case "group 0001" -> made.with(0x00010010, "LO", "X ");
      case "private without creator" -> made.with(0x00091001, "LO", "X ");
      case "VR of another tag" -> made.with(0x00100010, "LO", "A^B ");
      case "VR nobody knows" -> made.with(0x00100010, "ZZ", "A^B ");
      case "too many values" -> made.with(0x00080060, "CS", "OT\\MR ");
      case "a date that is none" -> made.with(0x00080020, "DA", "20261341");
      case "a value too long" -> made.with(0x00080050, "SH", "0123456789abcdefgh");
      case "lower case code" -> made.with(0x00100040, "CS", "m ");
      case "number of three bytes" -> made.with(0x00280010, "US", new byte[] {2, 0, 0, 0, 0, 0});
      case "pixel data too short" -> made.number(0x00280010, 200);
      case "pixel data too long" -> made.with(PIXEL_DATA, "OB", new byte[100]);
      case "bits of an impossible number" -> made.number(0x00280100, 33);
      default -> throw new IllegalArgumentException(how);
    };
  }
}
