package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.dicom.sample.SampleStudies;
import io.howdah.dicom.sample.SampleStudy;
import io.howdah.support.DicomFixtures;
import io.howdah.support.Oracles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What pydicom and DCMTK read of public files is what we read. */
class OracleTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final DicomReader reader = new DicomReader();
  @TempDir Path folder;

  @Test
  void pydicom_reads_the_same_elements_and_values() throws IOException {
    List<Path> files = Oracles.publicFiles();
    Oracles.need("/usr/bin/python3", "-c", "import pydicom");
    Path script = folder.resolve("elements.py");
    try (var in = getClass().getResourceAsStream("/oracle/elements.py")) {
      Files.copy(in, script);
    }
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
    files.forEach(file -> command.add(file.toString()));
    String output = new String(Oracles.run(command), StandardCharsets.UTF_8);

    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (String line : output.lines().toList()) {
      JsonNode theirs = JSON.readTree(line);
      Path file = Path.of(theirs.get("file").asText());
      Header header = reader.structure(file, null);
      if (theirs.has("error") || header.transferSyntax() == null) {
        continue;
      }
      compared++;
      Map<String, Read> ours = new TreeMap<>();
      walk(header.dataSet(), "", ours);
      Map<String, Read> expected = new TreeMap<>();
      for (JsonNode element : theirs.get("elements")) {
        List<String> values = new ArrayList<>();
        element.get(2).forEach(value -> values.add(value.asText()));
        expected.put(element.get(0).asText(), new Read(element.get(1).asText(), values));
      }
      expected.forEach(
          (path, read) -> {
            if (!alike(path, read, ours.get(path)) && !atTheCut(header, path)) {
              wrong.add(file.getFileName() + " " + path + " " + read + " / " + ours.get(path));
            }
          });
      ours.keySet().removeAll(expected.keySet());
      ours.keySet().forEach(path -> wrong.add(file.getFileName() + " " + path + " is ours only"));
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(55);
  }

  /** An element as one reader read it. */
  private record Read(String vr, List<String> values) {}

  /** pydicom knows some private elements' VRs, joins fragments, and has FL with double's digits. */
  private static boolean alike(String path, Read theirs, Read ours) {
    if (ours == null) {
      return false;
    }
    int tag = Integer.parseUnsignedInt(path.substring(path.length() - 8), 16);
    if (ours.vr().equals("UN") && Tag.isPrivate(tag)) {
      return true;
    }
    if (!ours.vr().equals(theirs.vr()) || ours.values().size() != theirs.values().size()) {
      return false;
    }
    if (tag == Tag.PixelData) {
      return true;
    }
    for (int i = 0; i < ours.values().size(); i++) {
      String a = ours.values().get(i);
      String b = theirs.values().get(i);
      boolean same =
          switch (ours.vr()) {
            case "FL" -> Float.parseFloat(a) == Float.parseFloat(b);
            case "FD" -> Double.parseDouble(a) == Double.parseDouble(b);
            case "PN" -> a.replaceAll("[=^]+$", "").equals(b.replaceAll("[=^]+$", ""));
            default -> a.strip().equals(b.strip());
          };
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /** pydicom gives what there is of a value that ends after the file; we do not. */
  private static boolean atTheCut(Header header, String path) {
    return header
        .fatal()
        .filter(d -> d.code() == Defect.Code.TRUNCATED && path.endsWith(Tag.hex(d.tag())))
        .isPresent();
  }

  @Test
  void dcmtk_makes_the_same_json() throws IOException {
    List<Path> files = Oracles.publicFiles();
    Oracles.need("dcm2json", "--version");
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (Path file : files) {
      byte[] output = Oracles.run(List.of("dcm2json", "-q", "-ee", "-fc", file.toString()));
      Header header = reader.structure(file, null);
      if (output == null || header.transferSyntax() == null) {
        continue;
      }
      JsonNode theirs;
      try {
        theirs = JSON.readTree(output);
      } catch (IOException e) {
        continue;
      }
      compared++;
      JsonNode ours =
          DicomJsonTest.STRICT.readTree(
              DicomJsonTest.bytes(new DicomJson(), header.dataSet(), new boolean[1]));
      compare(file.getFileName().toString(), theirs, ours, wrong);
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isGreaterThan(35);
  }

  /** What DCMTK says about a file on its standard error, in spite of exit code 0. */
  private List<String> complaints(String... command) throws IOException {
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectError(errors.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor()).as("%s", List.of(command)).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Files.readAllLines(errors);
  }

  @ParameterizedTest
  @EnumSource(DicomWriter.Lengths.class)
  void dcmtk_reads_what_we_write_and_we_read_what_it_makes_of_it(DicomWriter.Lengths lengths)
      throws IOException {
    Oracles.need("dcmdump", "--version");
    DataSetBuilder object =
        DicomFixtures.pixels(DicomFixtures.header(1, 1), 16, 64, 1)
            .put(Tag.PatientName, "Müller^Zoë")
            .put(0x00189313, VR.FD, 1.5, -2.25)
            .put(0x00280009, VR.AT, 0x00181063L)
            .sequence(
                Tag.RequestAttributesSequence,
                new DataSetBuilder()
                    .put(Tag.RequestedProcedureID, "P1")
                    .sequence(
                        Tag.RequestedProcedureCodeSequence,
                        new DataSetBuilder().put(Tag.CodeMeaning, "Schädel")),
                new DataSetBuilder());
    Path plain = folder.resolve("plain.dcm");
    new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, lengths).file(object, plain);
    Map<TransferSyntax, String> options =
        Map.of(
            TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN, "+ti",
            TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, "+te",
            TransferSyntax.EXPLICIT_VR_BIG_ENDIAN, "+tb",
            TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, "+td");
    for (Map.Entry<TransferSyntax, String> option : options.entrySet()) {
      Path ours = folder.resolve("ours" + option.getValue() + ".dcm");
      new DicomWriter(option.getKey(), lengths).file(object, ours);
      assertThat(complaints("dcmdump", ours.toString())).isEmpty();

      Path theirs = folder.resolve("theirs" + option.getValue() + ".dcm");
      for (String form : List.of("+e", "-e")) {
        complaints(
            "dcmconv",
            option.getValue(),
            form,
            "--padding-off",
            ours.toString(),
            theirs.toString());
        assertThat(reader.structure(theirs, null).defects()).isEmpty();
        assertThat(Differences.between(plain, theirs).dataSet()).isEmpty();
      }
    }
    TransferSyntax rle = TransferSyntax.of(Uids.RLELossless);
    Path encapsulated = folder.resolve("rle.dcm");
    new DicomWriter(rle, lengths)
        .file(object.encapsulatedPixelData(new byte[64], new byte[100]), encapsulated);
    assertThat(complaints("dcmdump", encapsulated.toString())).isEmpty();
  }

  @Test
  void the_sample_studies_are_conformant() throws IOException {
    Oracles.need("dciodvfy", "-version");
    for (SampleStudy study : new SampleStudies(1).all()) {
      Path file = folder.resolve(study.files().get(0).name());
      study.files().get(0).writeTo(file);
      assertThat(complaints("dciodvfy", file.toString()))
          .as(study.description())
          .noneMatch(line -> line.startsWith("Error"));
    }
  }

  private static void compare(String path, JsonNode theirs, JsonNode ours, List<String> wrong) {
    Iterable<Map.Entry<String, JsonNode>> fields = theirs::fields;
    for (Map.Entry<String, JsonNode> field : fields) {
      JsonNode a = field.getValue();
      JsonNode b = ours.path(field.getKey());
      String here = path + " " + field.getKey();
      if (!a.path("vr").equals(b.path("vr"))) {
        wrong.add(here + " vr " + a.path("vr") + " / " + b.path("vr"));
      } else if (a.path("vr").asText().equals("SQ")) {
        if (a.path("Value").size() != b.path("Value").size()) {
          wrong.add(here + " items");
        }
        for (int i = 0; i < a.path("Value").size() && i < b.path("Value").size(); i++) {
          compare(here + "[" + i + "]", a.path("Value").get(i), b.path("Value").get(i), wrong);
        }
      } else if (!sameValues(a, b)
          || b.has("InlineBinary") && !sameBytes(a.path("InlineBinary"), b.path("InlineBinary"))) {
        wrong.add(here + " " + a + " / " + b);
      }
    }
    ours.fieldNames()
        .forEachRemaining(
            name -> {
              if (!theirs.has(name)) {
                wrong.add(path + " " + name + " is ours only");
              }
            });
  }

  /**
   * DCMTK writes FL with more digits than it has, and an empty character set as the one it uses.
   */
  private static boolean sameValues(JsonNode a, JsonNode b) {
    if (!a.path("vr").asText().equals("FL") || a.path("Value").size() != b.path("Value").size()) {
      return a.path("Value").equals(b.path("Value"))
          || !b.has("Value") && a.at("/Value/0").asText().equals("ISO_IR 192")
          || !a.has("Value") && b.at("/Value/0/Alphabetic").asText().matches("\\^+");
    }
    for (int i = 0; i < b.path("Value").size(); i++) {
      if (a.path("Value").get(i).floatValue() != b.path("Value").get(i).floatValue()) {
        return false;
      }
    }
    return true;
  }

  /** DCMTK makes odd values even. */
  private static boolean sameBytes(JsonNode a, JsonNode b) {
    byte[] theirs = Base64.getDecoder().decode(a.asText());
    byte[] ours = Base64.getDecoder().decode(b.asText());
    return Arrays.equals(theirs, Arrays.copyOf(ours, ours.length + (ours.length & 1)));
  }

  private static void walk(DataSet dataSet, String path, Map<String, Read> into) {
    for (Element element : dataSet.elements()) {
      String here = path + Tag.hex(element.tag());
      List<String> values = element.strings();
      if (element.isSequence()) {
        List<DataSet> items = element.items();
        values = List.of(Integer.toString(items.size()));
        for (int i = 0; i < items.size(); i++) {
          walk(items.get(i), here + "[" + (i + 1) + "]", into);
        }
      } else if (element.vr().isBulk() && element.length() != 0) {
        values = List.of(element.length() + " bytes");
      }
      into.putIfAbsent(here, new Read(element.vr().name(), values));
    }
  }
}
