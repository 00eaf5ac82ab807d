package io.howdah.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.howdah.dicom.Tag;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Destinations as a site names them, and what their conditions and windows mean. */
class DestinationKeysTest {
  @TempDir Path base;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();

  private Settings read() {
    return SettingsReader.read(base, base.resolve("config"), environment, properties);
  }

  private List<String> complaints() {
    BadSettings bad = catchThrowableOfType(BadSettings.class, this::read);
    return bad == null ? List.of() : bad.complaints();
  }

  @Test
  void without_a_destination_there_is_none() {
    assertThat(read().destinations()).isEmpty();
  }

  @Test
  void a_destination_needs_only_an_address_and_takes_the_common_values() {
    properties.put("howdah.destination.main-pacs.uri", "dicom:send?host=x&password=geheim");
    Destination destination = read().destinations().get(0);
    assertThat(destination.name()).isEqualTo("main-pacs");
    assertThat(destination.isDicom()).isTrue();
    assertThat(destination.match()).isEqualTo(Match.ALL);
    assertThat(destination.late()).isEqualTo(Late.SUPPLEMENT);
    assertThat(destination.priority()).isEqualTo(5);
    assertThat(destination.windows()).isEqualTo(Windows.ALWAYS);
    assertThat(destination.retry()).hasSize(41).startsWith(Duration.ofMinutes(1));
    assertThat(destination.verify()).isFalse();
    assertThat(destination.quietPeriod()).isEqualTo(Duration.ofSeconds(10));
    assertThat(destination.maxWait()).isEqualTo(Duration.ofMinutes(30));
    assertThat(destination.toString()).doesNotContain("geheim");
  }

  @Test
  void every_key_of_a_destination_has_its_variable() {
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_URI", "https://x/in");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_MATCH", "modality=CT");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_LATE", "resend-all");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_PRIORITY", "9");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_WINDOWS", "20:00-06:00");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_RETRY", "2x7s");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_RESPONSES", "409:delivered, 5xx:refused");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_VERIFY", "true");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_QUIET_PERIOD", "7s");
    environment.put("HOWDAH_DESTINATION_MAIN_PACS_MAX_WAIT", "7m");
    Destination destination = read().destinations().get(0);
    assertThat(destination.name()).isEqualTo("main-pacs");
    assertThat(destination.isHttp()).isTrue();
    assertThat(destination.match().conditions()).hasSize(1);
    assertThat(destination.late()).isEqualTo(Late.RESEND_ALL);
    assertThat(destination.priority()).isEqualTo(9);
    assertThat(destination.windows().windows()).hasSize(1);
    assertThat(destination.retry()).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(7));
    assertThat(destination.responses()).isEqualTo(Map.of("409", "delivered", "5xx", "refused"));
    assertThat(destination.verify()).isTrue();
    assertThat(destination.quietPeriod()).isEqualTo(Duration.ofSeconds(7));
    assertThat(destination.maxWait()).isEqualTo(Duration.ofMinutes(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "uri;pacs",
        "match;modality",
        "match;Nonsense=1",
        "late;never",
        "priority;10",
        "priority;high",
        "windows;25:00-26:00",
        "windows;Foo 10:00-11:00",
        "windows;always",
        "retry;soon",
        "responses;A7xx",
        "responses;A7xx:maybe",
        "verify;yes",
        "quiet-period;0s",
        "max-wait;long"
      })
  void nonsense_is_refused_and_named(String key, String value) {
    properties.put("howdah.destination.pacs.uri", "dicom:send?host=x");
    properties.put("howdah.destination.pacs." + key, value);
    assertThat(complaints()).singleElement().asString().contains("howdah.destination.pacs." + key);
  }

  @Test
  void a_key_that_no_destination_has_is_no_setting() {
    properties.put("howdah.destination.pacs.uri", "dicom:send?host=x");
    properties.put("howdah.destination.pacs.colour", "red");
    properties.put("howdah.destination.PACS.uri", "dicom:send?host=x");
    environment.put("HOWDAH_DESTINATION_URI", "x");
    assertThat(complaints()).hasSize(3);
    properties.clear();
    environment.clear();
    properties.put("howdah.destination.pacs.late", "hold");
    assertThat(complaints()).singleElement().asString().contains("howdah.destination.pacs.uri");
  }

  private static boolean wants(String match, String callingAe, Map<Integer, String> values) {
    return Match.parse(match)
        .wants(
            new Match.Facts() {
              @Override
              public String callingAe() {
                return callingAe;
              }

              @Override
              public List<String> values(int tag) {
                return values.containsKey(tag) ? List.of(values.get(tag).split("\\\\")) : List.of();
              }
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "\"\";true",
        "modality=CT;true",
        "modality=MR;false",
        "modality=MR|CT;true",
        "modality!=CT;false",
        "modality!=MR;true",
        "calling-ae=CT*;true",
        "calling-ae=*2;false",
        "calling-ae=C*1;true",
        "BodyPartExamined=HEAD;false",
        "BodyPartExamined!=HEAD;true",
        "ImageType=PRIMARY;true",
        "ImageType=PRIM;false",
        "0008,0060=CT;true",
        "(0008,0060)=C.;false",
        "\"modality=CT; calling-ae=MR1\";false",
        "\"modality=CT; calling-ae=CT1; \";true"
      })
  void conditions_mean_what_they_say(String match, boolean wanted) {
    assertThat(
            wants(
                match,
                "CT1",
                Map.of(Tag.Modality, "CT", Tag.ImageType, "ORIGINAL\\PRIMARY\\AXIAL")))
        .isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20:00-06:00                       |2026-11-30T19:59|false|PT1M",
        "20:00-06:00                       |2026-11-30T20:00|true|PT0S",
        "20:00-06:00                       |2026-12-01T05:59|true|PT0S",
        "20:00-06:00                       |2026-12-01T06:00|false|PT14H",
        "Mon-Fri 20:00-06:00; Sat,Sun 00:00-24:00|2026-11-28T12:00|true|PT0S",
        "Mon-Fri 20:00-06:00; Sat,Sun 00:00-24:00|2026-11-30T05:00|false|PT15H",
        "Fri 22:00-04:00                   |2026-11-28T03:00|true|PT0S",
        "Fri 22:00-04:00                   |2026-11-28T04:00|false|PT162H",
        "Sat-Mon 08:00-09:00               |2026-11-30T08:30|true|PT0S",
        "Sat-Mon 08:00-09:00               |2026-12-01T08:30|false|PT95H30M"
      })
  void windows_open_and_close_when_they_say(
      String windows, LocalDateTime now, boolean open, Duration until) {
    Windows parsed = Windows.parse(windows);
    assertThat(parsed.isOpen(now)).isEqualTo(open);
    assertThat(parsed.untilOpen(now)).isEqualTo(until);
  }
}
