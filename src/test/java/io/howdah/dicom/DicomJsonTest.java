package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DicomJsonTest {
  static final ObjectMapper STRICT =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build());

  private boolean whole;

  static byte[] bytes(DicomJson model, DataSet dataSet, boolean[] whole) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      whole[0] = model.write(dataSet, json);
    }
    return out.toByteArray();
  }

  private JsonNode json(DicomJson model, DataSetBuilder built) throws IOException {
    byte[] file = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).file(built);
    boolean[] all = new boolean[1];
    byte[] bytes =
        bytes(
            model,
            new DicomReader().structure(new ByteArrayInputStream(file), null).dataSet(),
            all);
    whole = all[0];
    return STRICT.readTree(bytes);
  }

  private JsonNode json(DataSetBuilder built) throws IOException {
    return json(new DicomJson(), built);
  }

  @Test
  void every_kind_of_value_has_its_json_type() throws IOException {
    JsonNode json =
        json(
            new DataSetBuilder()
                .put(Tag.SpecificCharacterSet, "ISO_IR 192")
                .put(Tag.ImageType, "ORIGINAL", "", "AXIAL")
                .put(Tag.PatientName, "Yamada^Tarou=山田^太郎=やまだ^たろう", "Second^One")
                .empty(Tag.PatientID)
                .put(Tag.Rows, 512)
                .put(0x00280009, VR.AT, 0x00181063L)
                .put(0x00189313, VR.FD, 1.5, Double.NaN, Double.NEGATIVE_INFINITY)
                .put(0x0040A162, VR.SL, -5)
                .put(0x00080304, VR.UV, "18446744073709551615")
                .put(Tag.SliceThickness, "+05.50")
                .put(Tag.PixelSpacing, "0.5", "abc")
                .put(Tag.InstanceNumber, "007")
                .put(0x00091001, VR.OB, new byte[] {1, 2, 3, 4})
                .put(0x00091002, VR.OB, new byte[5000])
                .sequence(
                    Tag.RequestAttributesSequence,
                    new DataSetBuilder().put(Tag.RequestedProcedureID, "P1"),
                    new DataSetBuilder())
                .empty(Tag.PerformedProcedureCodeSequence)
                .put(Tag.PixelData, VR.OW, new byte[8]));

    assertThat(whole).isTrue();
    assertThat(json.toString())
        .isEqualTo(
            """
            {"00080005":{"vr":"CS","Value":["ISO_IR 192"]},\
            "00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},\
            "00080304":{"vr":"UV","Value":[18446744073709551615]},\
            "00091001":{"vr":"OB","InlineBinary":"AQIDBA=="},\
            "00091002":{"vr":"OB"},\
            "00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎",\
            "Phonetic":"やまだ^たろう"},{"Alphabetic":"Second^One"}]},\
            "00100020":{"vr":"LO"},\
            "00180050":{"vr":"DS","Value":[5.5]},\
            "00189313":{"vr":"FD","Value":[1.5,"NaN","-Infinity"]},\
            "00200013":{"vr":"IS","Value":[7]},\
            "00280009":{"vr":"AT","Value":["00181063"]},\
            "00280010":{"vr":"US","Value":[512]},\
            "00280030":{"vr":"DS","Value":[0.5,"abc"]},\
            "00400275":{"vr":"SQ","Value":[{"00401001":{"vr":"SH","Value":["P1"]}},{}]},\
            "0040A162":{"vr":"SL","Value":[-5]},\
            "0040A372":{"vr":"SQ"},\
            "7FE00010":{"vr":"OW"}}""");
  }

  @ParameterizedTest
  @CsvSource({
    "1,1",
    "+1,1",
    "-0,-0",
    "007,7",
    "-007.50,-7.50",
    ".5,0.5",
    "5.,5",
    "1e5,1e5",
    "1.E-3,1e-3",
    "'',",
    "-,",
    ".,",
    "1e,",
    "1e9999,",
    "1e999,",
    "NaN,",
    "0x10,",
    "1 2,",
    "1.2.3,",
    "٣,"
  })
  void a_decimal_string_is_a_number_only_if_it_is_one(String text, String number) {
    assertThat(DicomJson.number(text == null ? "" : text, true)).isEqualTo(number);
  }

  @Test
  void what_a_character_set_makes_of_text_is_unicode_and_says_so() throws IOException {
    JsonNode json =
        json(
            new DataSetBuilder()
                .put(Tag.SpecificCharacterSet, "ISO_IR 100")
                .put(Tag.PatientName, "Äneas^Rüdiger"));

    assertThat(json.at("/00080005/Value/0").asText()).isEqualTo("ISO_IR 192");
    assertThat(json.at("/00100010/Value/0/Alphabetic").asText()).isEqualTo("Äneas^Rüdiger");
  }

  @Test
  void elements_out_of_order_and_twice_come_out_in_order_and_once() throws IOException {
    DicomWriter writer = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(writer.file(new DataSetBuilder().put(Tag.PatientID, "first")));
    file.write(
        writer.dataSet(new DataSetBuilder().put(Tag.Modality, "CT").put(Tag.PatientID, "second")));
    Header header = new DicomReader().structure(new ByteArrayInputStream(file.toByteArray()), null);

    JsonNode json = STRICT.readTree(bytes(new DicomJson(), header.dataSet(), new boolean[1]));

    assertThat(json.fieldNames()).toIterable().containsExactly("00080060", "00100020");
    assertThat(json.at("/00100020/Value/0").asText()).isEqualTo("first");
    assertThat(header.has(Defect.Code.TAG_ORDER)).isTrue();
    assertThat(header.has(Defect.Code.DUPLICATE_TAG)).isTrue();
  }

  @Test
  void hostile_text_is_data_and_the_output_is_always_json() throws IOException {
    Random random = new Random(42);
    for (String term : CharacterSetsTest.TERMS) {
      for (int i = 0; i < 30; i++) {
        byte[] noise = new byte[random.nextInt(300) & ~1];
        random.nextBytes(noise);
        for (int k = 0; k + 3 < noise.length && i % 2 == 0; k += 7) {
          noise[k] = 0x1B;
          noise[k + 1] = (byte) "$()-".charAt(random.nextInt(4));
          noise[k + 2] = (byte) "ABCDIJLMTb()".charAt(random.nextInt(12));
        }
        DataSetBuilder built =
            new DataSetBuilder()
                .put(Tag.SpecificCharacterSet, term.split("\\\\", -1))
                .put(Tag.PatientName, VR.PN, noise)
                .put(Tag.PatientComments, VR.LT, noise)
                .put(Tag.PatientID, VR.LO, noise)
                .put(Tag.SliceThickness, VR.DS, Arrays.copyOf(noise, Math.min(16, noise.length)))
                .put(
                    Tag.PatientBirthDate,
                    VR.DA,
                    "${jndi:ldap://x}{{y}}".getBytes(StandardCharsets.US_ASCII));
        byte[] file = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).file(built);
        DataSet read = new DicomReader().structure(new ByteArrayInputStream(file), null).dataSet();

        byte[] json = bytes(new DicomJson(), read, new boolean[1]);

        assertStrictUtf8(json);
        assertThat(STRICT.readTree(json).at("/00100030/Value/0").asText())
            .isEqualTo("${jndi:ldap://x}{{y}}");
      }
    }
  }

  static void assertStrictUtf8(byte[] bytes) throws CharacterCodingException {
    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
  }

  @Test
  void the_output_ends_at_its_limit_and_is_still_json() throws IOException {
    List<DataSetBuilder> items = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      items.add(new DataSetBuilder().put(Tag.CodeMeaning, "x".repeat(64)));
    }
    DataSetBuilder built =
        new DataSetBuilder()
            .put(Tag.PatientID, "A")
            .put(Tag.PatientComments, "\u0001".repeat(5000))
            .sequence(Tag.RequestAttributesSequence, items.toArray(DataSetBuilder[]::new));

    JsonNode all = json(new DicomJson(1 << 20, 64), built);
    assertThat(whole).isTrue();
    assertThat(all.at("/00400275/Value")).hasSize(2000);

    JsonNode some = json(new DicomJson(20_000, 64), built);
    assertThat(whole).isFalse();
    assertThat(some.at("/00100020/Value/0").asText()).isEqualTo("A");
    assertThat(some.at("/00104000").has("Value")).isFalse();
    assertThat(some.toString().length()).isLessThanOrEqualTo(20_000);
    assertThat(some.at("/00400275/Value").size()).isBetween(50, 1999);
  }
}
