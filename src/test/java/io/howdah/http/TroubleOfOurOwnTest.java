package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.PostgresServer;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Form;
import io.howdah.support.Wire.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client hears when our own disk or database does not do its part. */
class TroubleOfOurOwnTest {
  @TempDir Path base;

  private static byte[] file(int seed) {
    byte[] bytes = new byte[500];
    bytes[0] = (byte) seed;
    return bytes;
  }

  private static Request upload(int seed) {
    return new Form().file("file", "a.dcm", file(seed)).upload();
  }

  @Test
  void without_the_disk_reserve_an_upload_is_507_before_its_body() throws IOException {
    try (RunningGateway gateway =
            RunningGateway.start(
                base, "howdah.roles", "gateway,status", "howdah.intake.disk-reserve", "1000TB");
        Wire wire = gateway.wire()) {
      Wire.Answer answer = wire.send(upload(1).with("Expect", "100-continue").head()).answer();
      assertThat(answer.status()).isEqualTo(507);
      assertThat(answer.text("code")).isEqualTo("DISK_FULL");
      assertThat(answer.headers()).containsKey("retry-after");
      assertThat(gateway.send(Request.of("GET", "/status")).status()).isEqualTo(200);
    }
  }

  @Test
  void a_length_that_would_eat_the_reserve_is_507_too() throws IOException {
    try (RunningGateway gateway =
            RunningGateway.start(
                base, "howdah.roles", "gateway,status", "howdah.intake.max-request-size", "900TB");
        Wire wire = gateway.wire()) {
      wire.send(
          "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: "
              + (800L << 40)
              + "\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(507);
    }
  }

  @Test
  void while_the_database_is_away_the_answer_is_503_and_nothing_is_kept() throws IOException {
    String database = PostgresServer.newDatabase();
    try (RunningGateway gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "gateway,status",
            "howdah.db.url",
            database,
            "howdah.db.pool-size",
            "3")) {
      String known = gateway.send(upload(1)).text("study_id");
      assertThat(gateway.send(Request.of("GET", "/status/" + known)).status()).isEqualTo(200);

      PostgresServer.takeAway(database);
      for (Request request :
          new Request[] {
            Request.of("GET", "/status/" + known),
            Request.of("GET", "/status/unknown"),
            Request.of("GET", "/status/" + known + "/history"),
            Request.of("GET", "/status"),
            Request.of("POST", "/status/a").json("{\"status\":\"archived\"}"),
            upload(2)
          }) {
        Wire.Answer answer = gateway.send(request);
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.text("code")).isEqualTo("STORE_UNAVAILABLE");
        assertThat(answer.headers()).containsKey("retry-after");
        assertThat(answer.body()).doesNotContain("Exception", "postgres", "FATAL", "\tat ");
      }
      gateway.leavesNoTemporaryFile();
      assertThat(RunningGateway.names(gateway.uploads())).containsExactly(known + ".dcm");

      PostgresServer.bringBack(database);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> gateway.send(upload(3)).status() == 202);
      assertThat(gateway.send(Request.of("GET", "/status/" + known)).status()).isEqualTo(200);
      assertThat(gateway.send(Request.of("GET", "/status/a")).status()).isEqualTo(404);
    }
  }

  @Test
  void when_the_disk_takes_no_file_the_answer_is_503_and_the_gateway_recovers() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, "howdah.roles", "gateway,status")) {
      Path arriving = gateway.uploads().resolve(".arriving");
      Path aside = gateway.uploads().resolve(".aside");
      Files.move(arriving, aside);
      Wire.Answer answer = gateway.send(upload(1));
      assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      assertThat(answer.text("code")).isEqualTo("NOT_STORED");
      assertThat(answer.body()).doesNotContain("Exception", base.toString(), ".arriving");
      Files.move(aside, arriving);
      assertThat(gateway.send(upload(1)).status()).isEqualTo(202);
    }
  }
}
