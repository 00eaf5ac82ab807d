package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.howdah.disk.Disk;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Form;
import io.howdah.support.Wire.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {
  private static final String KEY = "a key of 2026";
  @TempDir Path base;

  private Path file(String... lines) throws IOException {
    return Files.write(base.resolve("keys"), List.of(lines));
  }

  @Test
  void without_a_file_everybody_may() throws IOException {
    ApiKeys keys = ApiKeys.read(Optional.empty());
    assertThat(keys.principal(null)).contains("anyone");
    assertThat(keys.principal("Bearer anything")).contains("anyone");
  }

  @Test
  void with_a_file_only_its_keys_may() throws IOException {
    ApiKeys keys =
        ApiKeys.read(
            Optional.of(
                file(
                    "# keys",
                    "",
                    Disk.sha256("other").toUpperCase() + " site b",
                    Disk.sha256(KEY))));
    assertThat(keys.principal("Bearer " + KEY)).isPresent();
    assertThat(keys.principal("bearer other")).isPresent();
    for (String wrong :
        Arrays.asList(
            null,
            "",
            "Bearer",
            "Bearer ",
            "Bearer x",
            "Basic " + KEY,
            KEY,
            "Bearer " + Disk.sha256(KEY),
            "Bearer " + KEY + "x")) {
      assertThat(keys.principal(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void a_file_that_would_let_nobody_in_or_holds_keys_in_the_clear_stops_the_start()
      throws IOException {
    for (String[] lines : List.of(new String[0], new String[] {"# none"})) {
      Path file = file(lines);
      assertThatIOException()
          .isThrownBy(() -> ApiKeys.read(Optional.of(file)))
          .withMessageContaining("holds no key");
    }
    Path file = file("# a", Disk.sha256(KEY), "secret-in-the-clear");
    assertThatIOException()
        .isThrownBy(() -> ApiKeys.read(Optional.of(file)))
        .withMessageContaining("line 3")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret-in-the-clear"));
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(
            () ->
                RunningGateway.start(
                        base.resolve("gateway"), "howdah.http.api-keys-file", file.toString())
                    .close());
  }

  @Test
  void without_a_key_nothing_but_health_is_answered_and_no_body_is_read() throws IOException {
    byte[] body = new Form().file("file", "a.dcm", new byte[500]).bytes();
    try (RunningGateway gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "gateway,status",
            "howdah.http.api-keys-file",
            file(Disk.sha256(KEY)).toString())) {
      for (String target :
          List.of(
              "/upload",
              "/status",
              "/status/a",
              "/status/a/history",
              "/nowhere",
              "/",
              "/Health",
              "/health/..",
              "/health/../status",
              "//health",
              "/health/x",
              "/health;x",
              "/status/../health",
              "/%68ealth",
              "/health%00",
              "/health?x/../status")) {
        for (String method : List.of("GET", "POST", "OPTIONS", "DELETE")) {
          Wire.Answer answer = gateway.send(Request.of(method, target));
          if (target.startsWith("/health?")) {
            assertThat(answer.status()).as(method + " " + target).isIn(200, 405);
          } else {
            assertThat(answer.status()).as(method + " " + target).isEqualTo(401);
            assertThat(answer.text("code")).isEqualTo("UNAUTHORIZED");
            assertThat(answer.headers()).containsEntry("www-authenticate", "Bearer");
          }
        }
      }
      assertThat(gateway.send(Request.of("GET", "/health")).status()).isEqualTo(200);

      try (Wire wire = gateway.wire()) {
        wire.send(
            Form.upload(body)
                .with("Authorization", "Bearer wrong")
                .with("Expect", "100-continue")
                .head());
        assertThat(wire.answer().status()).isEqualTo(401);
      }
      byte[] large = new byte[20 * 1024 * 1024];
      try (Wire wire = gateway.wire()) {
        wire.send(Form.upload(large).head());
        wire.trySend(large);
        assertThat(wire.answer().status())
            .as("seen by a sender that does not ask first")
            .isEqualTo(401);
      }
      assertThat(
              gateway.send(Request.of("POST", "/upload?key=" + KEY.replace(" ", "%20"))).status())
          .isEqualTo(401);
      assertThat(gateway.send(Form.upload(body).with("Authorization", "Bearer " + KEY)).status())
          .isEqualTo(202);
      assertThat(RunningGateway.names(gateway.uploads())).hasSize(1);
    }
  }
}
