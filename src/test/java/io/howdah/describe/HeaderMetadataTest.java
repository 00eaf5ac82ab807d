package io.howdah.describe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.Disk;
import io.howdah.validate.MadeObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeaderMetadataTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HeaderMetadata METADATA = new HeaderMetadata();

  @TempDir Path directory;
  private ObjectNode groups;

  private JsonNode described(Path object) throws IOException {
    Path file = directory.resolve("metadata.json");
    Files.deleteIfExists(file);
    ObjectNode about = JSON.createObjectNode().put("study_id", "s-1").put("file_size", 7L);
    about.putObject("validation_details").put("is_valid", true);
    try (FileChannel out = Disk.create(file)) {
      groups = METADATA.write(object, about, out);
    }
    byte[] bytes = Files.readAllBytes(file);
    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    return JSON.readTree(bytes);
  }

  private JsonNode described(byte[] object) throws IOException {
    return described(Files.write(directory.resolve("object.dcm"), object));
  }

  @Test
  void metadata_says_what_is_known_then_the_groups_then_the_whole_header() throws IOException {
    JsonNode metadata = described(MadeObject.sound().file());
    assertThat(metadata.fieldNames())
        .toIterable()
        .containsExactly(
            "study_id",
            "file_size",
            "validation_details",
            "patient_info",
            "study_info",
            "modality_info",
            "exposure_info",
            "location_info",
            "file_meta",
            "dicom",
            "dicom_is_whole");
    assertThat(metadata.at("/patient_info/patient_name").asText()).isEqualTo("ZZCANARY^Ann");
    assertThat(metadata.at("/modality_info/rows").textValue()).isEqualTo("2");
    assertThat(metadata.at("/dicom/00100010/Value/0/Alphabetic").asText())
        .isEqualTo("ZZCANARY^Ann");
    assertThat(metadata.at("/file_meta/00020010/Value/0").asText())
        .isEqualTo("1.2.840.10008.1.2.1");
    assertThat(metadata.at("/dicom_is_whole").asBoolean()).isTrue();
    assertThat(groups.fieldNames())
        .toIterable()
        .containsExactly(
            "patient_info", "study_info", "modality_info", "exposure_info", "location_info");
  }

  @Test
  void a_key_is_there_only_when_the_element_is_and_empty_when_that_is() throws IOException {
    JsonNode metadata =
        described(MadeObject.sound().with(0x00080080, "LO", "").without(0x00100030).file());
    assertThat(metadata.at("/location_info").fieldNames())
        .toIterable()
        .containsExactly("institution_name");
    assertThat(metadata.at("/location_info/institution_name").asText("x")).isEmpty();
    assertThat(metadata.at("/patient_info").has("patient_birth_date")).isFalse();
    assertThat(metadata.at("/exposure_info").isEmpty()).isTrue();
  }

  @Test
  void every_value_in_a_group_is_a_string() throws IOException {
    JsonNode metadata =
        described(
            MadeObject.sound()
                .with(0x00180060, "DS", "28.5")
                .with(0x00080008, "CS", "ORIGINAL\\PRIMARY")
                .file());
    assertThat(metadata.at("/exposure_info/kvp").textValue()).isEqualTo("28.5");
    assertThat(metadata.at("/modality_info/image_type").textValue()).isEqualTo("ORIGINAL\\PRIMARY");
    assertThat(groups).allSatisfy(group -> assertThat(group).allMatch(JsonNode::isTextual));
  }

  @Test
  void pixel_data_and_what_the_limit_leaves_out_are_not_there() throws IOException {
    byte[] text = new byte[60_000];
    Arrays.fill(text, (byte) 'x');
    MadeObject made = MadeObject.sound();
    for (int i = 0; i < 100; i++) {
      made.with(0x00091000 + i, "LT", text);
    }
    JsonNode metadata = described(made.with(0x00090010, "LO", "HOWDAH").file());
    assertThat(metadata.at("/dicom_is_whole").asBoolean()).isFalse();
    assertThat(Files.size(directory.resolve("metadata.json"))).isLessThan(5L << 20);
    assertThat(metadata.at("/patient_info/patient_id").asText()).isEqualTo("ZZCANARY1");
    assertThat(
            described(MadeObject.sound().file()).at("/dicom/7FE00010/InlineBinary").isMissingNode())
        .isTrue();
  }

  @Test
  void a_value_in_a_group_is_cut_and_never_in_the_middle_of_a_character() throws IOException {
    String name = "x".repeat(NamedGroup.VALUE_LIMIT - 1) + "\ud842\udfb7";
    JsonNode metadata = described(MadeObject.sound().with(0x00100010, "PN", name).file());
    assertThat(metadata.at("/patient_info/patient_name").asText())
        .hasSize(NamedGroup.VALUE_LIMIT - 1);
    assertThat(metadata.at("/dicom/00100010/Value/0/Alphabetic").asText()).isEqualTo(name);
  }

  @Test
  void whatever_the_bytes_metadata_is_json() throws IOException {
    Random random = new Random(50);
    byte[] whole = MadeObject.sound().file();
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      for (int n = 0; n < 8; n++) {
        bytes[300 + random.nextInt(bytes.length - 300)] = (byte) random.nextInt();
      }
      assertThat(described(bytes).has("patient_info")).isTrue();
    }
  }

  // -- pydicom as the oracle

  private static final String TO_JSON =
      """
      import sys, pydicom, warnings, logging
      warnings.simplefilter('ignore')
      logging.disable(logging.CRITICAL)
      ds = pydicom.dcmread(sys.argv[1], force=True, stop_before_pixels=True)
      sys.stdout.buffer.write(ds.to_json(suppress_invalid_tags=True).encode('utf-8', 'replace'))
      """;

  /** Every text of a model under its path; numbers and binary data are another test's. */
  private static Map<String, String> texts(JsonNode model) {
    Map<String, String> texts = new TreeMap<>();
    collect("", model, texts);
    texts
        .keySet()
        .removeIf(
            path ->
                path.contains("/00080005/")
                    || path.endsWith("/InlineBinary")
                    // group lengths are no part of the model; pydicom guesses the VR of private
                    // tags
                    || path.matches(
                        ".*/[0-9A-F]{4}0000/.*|.*/[0-9A-F]{3}[13579BDF][0-9A-F]{4}/.*"));
    return texts;
  }

  private static void collect(String path, JsonNode node, Map<String, String> texts) {
    if (node.isTextual()) {
      texts.put(path, node.asText());
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(path + "/" + i, node.get(i), texts);
      }
    } else if (node.isObject()) {
      Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
      fields.forEachRemaining(
          field -> collect(path + "/" + field.getKey(), field.getValue(), texts));
    }
  }

  @Test
  void text_in_every_character_set_is_what_pydicom_reads() throws Exception {
    String home = System.getenv("HOWDAH_SHARED");
    Path files =
        (home == null ? Path.of("..", "shared") : Path.of(home)).resolve("data/dicom/files");
    assumeTrue(Files.isDirectory(files), "skipped: no shared test files beside the project");
    Path python = Path.of("/usr/bin/python3");
    assumeTrue(
        Files.isExecutable(python)
            && new ProcessBuilder(python.toString(), "-c", "import pydicom")
                    .redirectErrorStream(true)
                    .start()
                    .waitFor()
                == 0,
        "skipped: python3-pydicom is not installed");
    List<Path> charsets;
    try (Stream<Path> all = Files.list(files)) {
      charsets =
          all.filter(file -> file.getFileName().toString().matches("(chr|CT|JPEG-|report).*\\.dcm"))
              .sorted()
              .toList();
    }
    List<String> different = new ArrayList<>();
    for (Path file : charsets) {
      Process process =
          new ProcessBuilder(python.toString(), "-c", TO_JSON, file.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      JsonNode theirs = JSON.readTree(process.getInputStream());
      Map<String, String> expected = texts(theirs);
      Map<String, String> found = texts(described(file).get("dicom"));
      expected.forEach(
          (path, text) -> {
            if (!text.equals(found.get(path))) {
              different.add(
                  file.getFileName() + " " + path + ": " + text + " / " + found.get(path));
            }
          });
    }
    assertThat(different).isEmpty();
  }
}
