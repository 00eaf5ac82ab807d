package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharacterSetsTest {
  static final List<String> TERMS =
      List.of(
          "",
          "ISO_IR 6",
          "ISO_IR 13",
          "ISO_IR 100",
          "ISO_IR 101",
          "ISO_IR 109",
          "ISO_IR 110",
          "ISO_IR 126",
          "ISO_IR 127",
          "ISO_IR 138",
          "ISO_IR 144",
          "ISO_IR 148",
          "ISO_IR 166",
          "ISO_IR 203",
          "ISO_IR 192",
          "GB18030",
          "GBK",
          "\\ISO 2022 IR 87",
          "ISO 2022 IR 13\\ISO 2022 IR 87",
          "ISO 2022 IR 6\\ISO 2022 IR 87\\ISO 2022 IR 159",
          "\\ISO 2022 IR 149",
          "\\ISO 2022 IR 58",
          "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126",
          "KLINGON");

  private static CharacterSets sets(String terms) {
    return CharacterSets.of(Arrays.asList(terms.split("\\\\", -1)));
  }

  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      out.writeBytes(
          part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
    return out.toByteArray();
  }

  private static byte[] in(String charset, String text) {
    return text.getBytes(Charset.forName(charset));
  }

  private static boolean clean(CharacterSets sets, byte[] bytes) {
    return sets.isClean(bytes, 0, bytes.length, VR.PN);
  }

  @ParameterizedTest
  @CsvSource({
    "ISO_IR 100,ISO-8859-1,Äneas^Rüdiger",
    "ISO_IR 101,ISO-8859-2,Wałęsa^Łódź",
    "ISO_IR 109,ISO-8859-3,Ĥoraĉo^Ŝtono",
    "ISO_IR 110,ISO-8859-4,Ķēniņš^Āboliņš",
    "ISO_IR 144,ISO-8859-5,Люкceмбypг",
    "ISO_IR 127,ISO-8859-6,قباني^لنزار",
    "ISO_IR 126,ISO-8859-7,Διονυσιος",
    "ISO_IR 138,ISO-8859-8,שרון^דבורה",
    "ISO_IR 148,ISO-8859-9,Çavuşoğlu^İpek",
    "ISO_IR 203,ISO-8859-15,Œuvre^Š€",
    "ISO_IR 166,TIS-620,นามสกุล^ชื่อ",
    "ISO_IR 192,UTF-8,Wang^XiaoDong=王^小東=𠮷",
    "GB18030,GB18030,Wang^XiaoDong=王^小东=㐀𠮷",
    "GBK,GBK,Wang^XiaoDong=王^小东",
  })
  void a_single_set_decodes_its_text(String term, String charset, String text) {
    byte[] bytes = in(charset, text);
    CharacterSets sets = sets(term);

    assertThat(sets.decode(bytes, VR.PN)).isEqualTo(text);
    assertThat(clean(sets, bytes)).isTrue();
    assertThat(sets.unknownTerms()).isEmpty();
  }

  @Test
  void a_japanese_name_changes_sets_and_starts_anew_at_each_delimiter() {
    // PS3.5 §H.3.1 and §H.3.2 as bytes
    byte[] h31 =
        bytes(
            "Yamada^Tarou=",
            "\u001b$B",
            in("x-JIS0208", "山田"),
            "\u001b(B^",
            "\u001b$B",
            in("x-JIS0208", "太郎"),
            "\u001b(B=",
            "\u001b$B",
            in("x-JIS0208", "やまだ"),
            "\u001b(B^",
            "\u001b$B",
            in("x-JIS0208", "たろう"),
            "\u001b(B");
    assertThat(sets("\\ISO 2022 IR 87").decode(h31, VR.PN)).isEqualTo("Yamada^Tarou=山田^太郎=やまだ^たろう");
    assertThat(clean(sets("\\ISO 2022 IR 87"), h31)).isTrue();

    byte[] h32 =
        bytes(
            in("JIS_X0201", "ﾔﾏﾀﾞ^ﾀﾛｳ="),
            "\u001b$B",
            in("x-JIS0208", "山田"),
            "\u001b(J^",
            "\u001b$B",
            in("x-JIS0208", "太郎"),
            "\u001b(J");
    CharacterSets sets = sets("ISO 2022 IR 13\\ISO 2022 IR 87");
    assertThat(sets.decode(h32, VR.PN)).isEqualTo("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
    assertThat(clean(sets, h32)).isTrue();
  }

  @Test
  void supplementary_kanji_katakana_and_latin_can_follow_each_other() {
    byte[] value =
        bytes(
            "A\u001b$(D",
            in("JIS_X0212-1990", "丂侒"),
            "\u001b(B",
            "\u001b)I",
            in("JIS_X0201", "ｱｲ"),
            "\u001b-A\u00e4");
    CharacterSets sets = sets("\\ISO 2022 IR 159\\ISO 2022 IR 13\\ISO 2022 IR 100");

    assertThat(sets.decode(value, VR.LO)).isEqualTo("A丂侒ｱｲä");
    assertThat(clean(sets, value)).isTrue();
  }

  @Test
  void korean_and_chinese_are_designated_to_the_upper_half() {
    byte[] korean =
        bytes(
            "Hong^Gildong=\u001b$)C",
            in("EUC-KR", "洪"),
            "^\u001b$)C",
            in("EUC-KR", "吉洞"),
            "=\u001b$)C",
            in("EUC-KR", "홍"),
            "^\u001b$)C",
            in("EUC-KR", "길동"));
    assertThat(sets("\\ISO 2022 IR 149").decode(korean, VR.PN)).isEqualTo("Hong^Gildong=洪^吉洞=홍^길동");
    assertThat(clean(sets("\\ISO 2022 IR 149"), korean)).isTrue();

    byte[] chinese =
        bytes("Zhang^XiaoDong=\u001b$)A", in("GB2312", "张"), "^\u001b$)A", in("GB2312", "小东"));
    assertThat(sets("\\ISO 2022 IR 58").decode(chinese, VR.PN)).isEqualTo("Zhang^XiaoDong=张^小东");
  }

  @Test
  void every_eight_bit_set_can_be_designated() {
    String[][] sets = {
      {"100", "A", "ISO-8859-1", "ä"},
      {"101", "B", "ISO-8859-2", "ł"},
      {"109", "C", "ISO-8859-3", "ĥ"},
      {"110", "D", "ISO-8859-4", "ķ"},
      {"144", "L", "ISO-8859-5", "ж"},
      {"127", "G", "ISO-8859-6", "ب"},
      {"126", "F", "ISO-8859-7", "λ"},
      {"138", "H", "ISO-8859-8", "ש"},
      {"148", "M", "ISO-8859-9", "ş"},
      {"203", "b", "ISO-8859-15", "€"},
      {"166", "T", "TIS-620", "น"}
    };
    for (String[] set : sets) {
      byte[] value = bytes("x\u001b-" + set[1], in(set[2], set[3]), "y");
      CharacterSets declared = sets("\\ISO 2022 IR " + set[0]);
      assertThat(declared.decode(value, VR.LO)).isEqualTo("x" + set[3] + "y");
      assertThat(clean(declared, value)).as(set[0]).isTrue();
      assertThat(clean(sets("\\ISO 2022 IR 87"), value)).as(set[0] + " not announced").isFalse();
    }
  }

  @Test
  void a_backslash_inside_a_double_byte_character_separates_nothing() {
    DataSetBuilder built =
        new DataSetBuilder()
            .put(Tag.SpecificCharacterSet, "GB18030")
            .put(Tag.ImageComments, VR.LO, bytes(in("GB18030", "誠"), "\\b"));
    byte[] value = in("GB18030", "誠");
    assertThat(value[1]).isEqualTo((byte) '\\');
    DataSet read = read(built);

    assertThat(read.strings(Tag.ImageComments)).containsExactly("誠", "b");
  }

  @Test
  void an_item_may_have_its_own_character_set_and_otherwise_has_its_parents() {
    DataSetBuilder built =
        new DataSetBuilder()
            .put(Tag.SpecificCharacterSet, "ISO_IR 144")
            .sequence(
                Tag.RequestAttributesSequence,
                new DataSetBuilder().put(Tag.RequestedProcedureDescription, "Привет"),
                new DataSetBuilder()
                    .put(Tag.SpecificCharacterSet, "ISO_IR 192")
                    .put(Tag.RequestedProcedureDescription, "日本"))
            .put(Tag.RequestedProcedureDescription, "Снова");
    DataSet read = read(built);

    List<DataSet> items = read.sequence(Tag.RequestAttributesSequence);
    assertThat(items.get(0).string(Tag.RequestedProcedureDescription)).isEqualTo("Привет");
    assertThat(items.get(1).string(Tag.RequestedProcedureDescription)).isEqualTo("日本");
    assertThat(read.string(Tag.RequestedProcedureDescription)).isEqualTo("Снова");
  }

  private static DataSet read(DataSetBuilder built) {
    try {
      return new DicomReader()
          .dataSet(
              new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).dataSet(built),
              TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    } catch (DicomException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void what_cannot_be_decoded_is_replaced_and_known_to_be_wrong() {
    byte[] high = {'A', (byte) 0xE4};
    assertThat(sets("").decode(high, VR.LO)).isEqualTo("A\uFFFD");
    assertThat(clean(sets(""), high)).isFalse();
    assertThat(sets("ISO_IR 192").decode(high, VR.LO)).isEqualTo("A\uFFFD");
    assertThat(clean(sets("ISO_IR 192"), high)).isFalse();
    byte[] escape = bytes("A\u001b!B\u001b");
    assertThat(sets("\\ISO 2022 IR 87").decode(escape, VR.LO)).isEqualTo("A\uFFFD!B\uFFFD");
    assertThat(clean(sets("\\ISO 2022 IR 87"), escape)).isFalse();
    byte[] loneSurrogate = {(byte) 0x83, 0x36, (byte) 0xC7, 0x39};
    assertThat(sets("GB18030").decode(loneSurrogate, VR.LO)).doesNotContain("\uD800");
  }

  @Test
  void unknown_terms_are_named_and_misspelled_ones_still_decode() {
    assertThat(sets("KLINGON").unknownTerms()).containsExactly("KLINGON");
    assertThat(sets("ISO_IR 999").unknownTerms()).containsExactly("ISO_IR 999");
    CharacterSets misspelled = sets("ISO-IR 100");
    assertThat(misspelled.unknownTerms()).containsExactly("ISO-IR 100");
    assertThat(misspelled.decode(new byte[] {(byte) 0xE4}, VR.LO)).isEqualTo("ä");
    for (String terms : TERMS) {
      assertThat(sets(terms).unknownTerms().isEmpty())
          .as(terms)
          .isEqualTo(!terms.equals("KLINGON"));
    }
  }
}
