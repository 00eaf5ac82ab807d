package io.howdah.validate;

import static io.howdah.validate.ValueSyntax.Breach.REPERTOIRE;
import static io.howdah.validate.ValueSyntax.Breach.TOO_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.VR;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueSyntaxTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          AE | STORE_SCP
          AE | a b-c
          AS | 018M
          CS | ORIGINAL_1 X
          DA | 20240229
          DA | 00010101
          TM | 07
          TM | 0730
          TM | 073059
          TM | 235960.123456
          DT | 2024
          DT | 202402
          DT | 20240229
          DT | 2024022910
          DT | 20240229103059.123456+0100
          DT | 2024-0500
          DS | 1
          DS | -1.5E-3
          DS | .5
          DS | 5.
          DS | ` +7 `
          IS | -2147483648
          IS | +12
          UI | 1.2.840.10008.1.2
          UI | 0.0
          UR | https://example.org/a?b=c#d
          PN | Yamada^Tarou=山田^太郎=やまだ^たろう
          PN | A^B^C^D^E
          SH | 0123456789abcdef
          LO | {{x}} ${jndi:ldap://h} %n
          UT | `line
          line`
          """)
  void a_value_as_the_standard_describes_it_breaks_nothing(VR vr, String value) {
    assertThat(ValueSyntax.check(vr, value)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          AE | 01234567890123456 | TOO_LONG
          AE | ` `               | FORM
          AE | é                 | REPERTOIRE
          AS | 18Y               | FORM
          AS | 0018Y             | TOO_LONG
          AS | 018y              | REPERTOIRE
          CS | original          | REPERTOIRE
          CS | 01234567890123456 | TOO_LONG
          DA | 2024.02.29        | REPERTOIRE
          DA | 20230229          | FORM
          DA | 202401            | FORM
          DA | 20241301          | FORM
          DA | 202401011         | TOO_LONG
          TM | 07:30             | REPERTOIRE
          TM | 2400              | FORM
          TM | 0760              | FORM
          TM | 073061            | FORM
          TM | 073               | FORM
          TM | 0730.5            | FORM
          TM | 073059.           | FORM
          TM | 073059.1234567    | FORM
          DT | 202               | FORM
          DT | 20240             | FORM
          DT | 202413            | FORM
          DT | 20240230          | FORM
          DT | 2024022925        | FORM
          DT | 2024+1            | FORM
          DT | 2024+1500         | FORM
          DT | 2024 01           | REPERTOIRE
          DS | 1,5               | REPERTOIRE
          DS | .                 | FORM
          DS | 1e                | FORM
          DS | 1 2               | FORM
          DS | --1               | FORM
          DS | 1.23456789012345678 | TOO_LONG
          IS | 1.0               | REPERTOIRE
          IS | 2147483648        | FORM
          IS | -                 | FORM
          IS | 1234567890123     | TOO_LONG
          UI | 1..2              | FORM
          UI | .1                | FORM
          UI | 1.                | FORM
          UI | 1.02              | FORM
          UI | ../../x           | REPERTOIRE
          UI | ١.٢               | REPERTOIRE
          UR | ` http://x`       | FORM
          UR | <x>               | REPERTOIRE
          SH | 0123456789abcdefg | TOO_LONG
          PN | a=b=c=d           | FORM
          PN | A^B^C^D^E^F       | FORM
          """)
  void a_value_that_breaks_a_rule_is_told_by_the_rule(
      VR vr, String value, ValueSyntax.Breach breach) {
    assertThat(ValueSyntax.check(vr, value)).contains(breach);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SH", "LO", "PN", "UC", "ST", "LT", "UT"})
  void a_control_character_is_no_text(VR vr) {
    assertThat(ValueSyntax.check(vr, "a\u0007b")).contains(REPERTOIRE);
    assertThat(ValueSyntax.check(vr, "a\u0085b")).contains(REPERTOIRE);
  }

  @ParameterizedTest
  @CsvSource({"SH, 16", "LO, 64", "PN, 64", "ST, 1024", "LT, 10240", "UI, 64"})
  void a_length_is_counted_in_characters_and_not_in_units(VR vr, int limit) {
    String one = vr == VR.UI ? "1" : "\ud842\udfb7";
    assertThat(ValueSyntax.check(vr, one.repeat(limit))).isEmpty();
    assertThat(ValueSyntax.check(vr, one.repeat(limit + 1))).contains(TOO_LONG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AE", "AS", "CS", "DA", "TM", "DT", "DS", "IS", "UI", "UR", "PN", "OB"})
  void nothing_is_asked_of_an_empty_value(VR vr) {
    assertThat(ValueSyntax.check(vr, "")).isEmpty();
  }
}
