package io.howdah.hub;

import static io.howdah.support.TusSender.checksum;
import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static io.howdah.support.TusSender.offset;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hub promises senders of resumable uploads (tus 1.0.0) and what it tells them after. */
class UploadsHttpTest {
  @TempDir static Path base;
  private static RunningGateway gateway;
  private static TusSender sender;
  private static int serial = 1000;

  @BeforeAll
  static void start() {
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "hub",
            "howdah.hub.max-size",
            "50MB",
            "howdah.hub.sync-every",
            "64KB");
    sender = TusSender.to(gateway.port());
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static byte[] file() {
    return file(2048);
  }

  private static byte[] file(int pixels) {
    return TinyDicom.object(serial++, pixels);
  }

  private static Path hub() {
    return gateway.data().resolve("hub");
  }

  private static String code(HttpResponse<String> answer) {
    return json(answer).path("code").asText();
  }

  @Test
  void options_tell_what_is_spoken_here() {
    HttpResponse<String> answer = sender.send("OPTIONS", "/hub/uploads", null, Map.of());
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Tus-Version")).contains("1.0.0");
    assertThat(answer.headers().firstValue("Tus-Extension"))
        .contains("creation,checksum,termination,expiration");
    assertThat(answer.headers().firstValue("Tus-Checksum-Algorithm")).contains("sha256");
    assertThat(answer.headers().firstValue("Tus-Max-Size")).contains("52428800");
  }

  @Test
  void a_file_sent_in_pieces_is_filed_and_then_acknowledged() throws IOException {
    int number = serial;
    byte[] file = file(200_000);
    HttpResponse<String> created = sender.create(file.length, describing(file));
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("Upload-Expires")).isPresent();
    String upload = location(created);
    assertThat(json(sender.receipt(upload)).path("state").asText()).isEqualTo("receiving");

    HttpResponse<String> first = sender.patch(upload, 0, Arrays.copyOf(file, 70_000));
    assertThat(first.statusCode()).isEqualTo(204);
    assertThat(offset(first)).isEqualTo(70_000);
    HttpResponse<String> head = sender.head(upload);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(offset(head)).isEqualTo(70_000);
    assertThat(head.headers().firstValue("Upload-Length")).contains("" + file.length);
    assertThat(head.headers().firstValue("Cache-Control")).contains("no-store");
    byte[] rest = Arrays.copyOfRange(file, 70_000, file.length);
    HttpResponse<String> second =
        sender.patch(upload, 70_000, rest, Map.of("Upload-Checksum", checksum(rest)));
    assertThat(offset(second)).isEqualTo(file.length);

    HttpResponse<String> receipt = sender.decided(upload);
    assertThat(receipt.statusCode()).isEqualTo(200);
    assertThat(json(receipt).path("state").asText()).isEqualTo("acknowledged");
    assertThat(json(receipt).path("server_image_id").isIntegralNumber()).isTrue();
    assertThat(json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
    assertThat(json(receipt).path("size").asLong()).isEqualTo(file.length);
    assertThat(json(receipt).path("sop_instance_uid").asText()).isEqualTo(TinyDicom.uid(number));
    Path stored =
        hub()
            .resolve("radiology")
            .resolve(json(receipt).path("study_uid").asText())
            .resolve(json(receipt).path("series_uid").asText())
            .resolve(TinyDicom.uid(number))
            .resolve("original.dcm");
    assertThat(stored).hasBinaryContent(file);
    assertThat(offset(sender.head(upload))).isEqualTo(file.length);
    Path part = hub().resolve("uploads").resolve(upload.replaceAll(".*/", "") + ".part");
    Pause.until("the waiting copy is gone", Duration.ofSeconds(60), () -> Files.notExists(part));
  }

  @Test
  void equal_bytes_are_one_image_and_each_session_has_its_own_upload() {
    byte[] file = file();
    long first = json(sender.decided(sender.sent(file))).path("server_image_id").asLong();
    long again = json(sender.decided(sender.sent(file))).path("server_image_id").asLong();
    assertThat(again).isEqualTo(first);
  }

  @Test
  void a_repeated_creation_finds_the_upload_that_exists() {
    byte[] file = file();
    Map<String, String> metadata = describing(file);
    String upload = location(sender.create(file.length, metadata));
    assertThat(location(sender.create(file.length, metadata))).isEqualTo(upload);
    sender.sendRest(upload, file, 1 << 20);
    sender.decided(upload);
    HttpResponse<String> after = sender.create(file.length, metadata);
    assertThat(after.statusCode()).isEqualTo(201);
    assertThat(location(after)).isEqualTo(upload);
  }

  @Test
  void a_wrong_digest_in_the_end_is_told_and_nothing_is_filed() {
    byte[] file = file();
    Map<String, String> metadata = describing(file);
    byte[] spoiled = file.clone();
    spoiled[spoiled.length - 1] ^= 1;
    String upload = location(sender.create(file.length, metadata));
    sender.sendRest(upload, spoiled, 1 << 20);
    HttpResponse<String> verdict = sender.decided(upload);
    assertThat(verdict.statusCode()).isEqualTo(422);
    assertThat(code(verdict)).isEqualTo("CHECKSUM_MISMATCH");
    assertThat(sender.head(upload).statusCode()).isEqualTo(410);
    String another = location(sender.create(file.length, metadata));
    assertThat(another).isNotEqualTo(upload);
    sender.sendRest(another, file, 1 << 20);
    assertThat(sender.decided(another).statusCode()).isEqualTo(200);
  }

  @Test
  void other_bytes_under_a_known_uid_are_rejected_and_kept_aside() {
    byte[] file = file();
    byte[] other = file.clone();
    other[other.length - 1] ^= 1;
    sender.decided(sender.sent(file));
    String upload = sender.sent(other);
    HttpResponse<String> verdict = sender.decided(upload);
    assertThat(verdict.statusCode()).isEqualTo(422);
    assertThat(code(verdict)).isEqualTo("UID_CONFLICT");
    Path kept = hub().resolve("rejected").resolve(upload.replaceAll(".*/", "") + ".dcm");
    assertThat(kept).hasBinaryContent(other);
  }

  @Test
  void what_is_no_dicom_is_rejected_and_kept_aside() {
    HttpResponse<String> verdict = sender.decided(sender.sent("no image".getBytes()));
    assertThat(verdict.statusCode()).isEqualTo(422);
    assertThat(code(verdict)).isEqualTo("NOT_DICOM");
    byte[] empty = new byte[0];
    assertThat(sender.create(0, describing(empty)).statusCode()).isEqualTo(400);
  }

  @Test
  void a_wrong_offset_is_409_with_the_true_one_and_writes_nothing() {
    byte[] file = file();
    String upload = sender.created(file);
    sender.patch(upload, 0, Arrays.copyOf(file, 100));
    for (long wrong : new long[] {0, 99, 101, 999_999_999_999_999_999L}) {
      HttpResponse<String> answer = sender.patch(upload, wrong, new byte[10]);
      assertThat(answer.statusCode()).as("%d", wrong).isEqualTo(409);
      assertThat(offset(answer)).isEqualTo(100);
    }
    for (String wrong : new String[] {"-1", "x", "", "9223372036854775808", "1.5", "0x10"}) {
      Map<String, String> headers = new HashMap<>();
      headers.put("Content-Type", "application/offset+octet-stream");
      headers.put("Upload-Offset", wrong);
      HttpResponse<String> answer = sender.send("PATCH", upload, new byte[10], headers);
      assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(offset(sender.head(upload))).isEqualTo(100);
  }

  @Test
  void a_chunk_with_a_wrong_checksum_is_dropped() {
    byte[] file = file(200_000);
    String upload = sender.created(file);
    sender.patch(upload, 0, Arrays.copyOf(file, 100));
    byte[] chunk = Arrays.copyOfRange(file, 100, 150_000);
    Map<String, String> right = Map.of("Upload-Checksum", checksum(chunk));
    byte[] spoiled = chunk.clone();
    spoiled[77] ^= 1;
    HttpResponse<String> answer = sender.patch(upload, 100, spoiled, right);
    assertThat(answer.statusCode()).isEqualTo(460);
    assertThat(offset(sender.head(upload))).isEqualTo(100);
    for (String weak :
        new String[] {
          "md5 " + right.get("Upload-Checksum").substring(7), "sha256", "sha256 ???", "sha256 AAAA"
        }) {
      assertThat(sender.patch(upload, 100, chunk, Map.of("Upload-Checksum", weak)).statusCode())
          .as(weak)
          .isEqualTo(400);
    }
    assertThat(offset(sender.patch(upload, 100, chunk, right))).isEqualTo(150_000);
    sender.sendRest(upload, file, 1 << 20);
    assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
  }

  @Test
  void more_bytes_than_declared_end_the_upload_for_good() {
    byte[] file = file();
    String upload = sender.created(file);
    byte[] more = Arrays.copyOf(file, file.length + 1);
    HttpResponse<String> answer = sender.patch(upload, 0, more);
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(code(answer)).isEqualTo("LONGER_THAN_DECLARED");
    assertThat(sender.head(upload).statusCode()).isEqualTo(410);
    assertThat(sender.patch(upload, 0, file).statusCode()).isEqualTo(410);
    assertThat(code(sender.receipt(upload))).isEqualTo("LONGER_THAN_DECLARED");
  }

  @Test
  void an_unfinished_upload_can_be_given_up_and_a_filed_one_cannot() {
    byte[] file = file();
    String upload = sender.created(file);
    sender.patch(upload, 0, Arrays.copyOf(file, 100));
    assertThat(sender.send("DELETE", upload, null, Map.of()).statusCode()).isEqualTo(204);
    assertThat(sender.head(upload).statusCode()).isEqualTo(410);
    assertThat(sender.send("DELETE", upload, null, Map.of()).statusCode()).isEqualTo(410);
    assertThat(sender.receipt(upload).statusCode()).isEqualTo(404);
    assertThat(hub().resolve("uploads").resolve(upload.replaceAll(".*/", "") + ".part"))
        .doesNotExist();
    String filed = sender.sent(file);
    sender.decided(filed);
    assertThat(sender.send("DELETE", filed, null, Map.of()).statusCode()).isEqualTo(409);
    assertThat(sender.decided(filed).statusCode()).isEqualTo(200);
  }

  @Test
  void what_is_unknown_is_404_however_it_is_asked_for() {
    for (String upload :
        new String[] {
          "/hub/uploads/6f1f7a52-5f2e-4d0e-9c1a-111111111111",
          "/hub/uploads/x",
          "/hub/uploads/%2e%2e",
          "/hub/uploads/..%2f..%2fhowdah.db"
        }) {
      assertThat(sender.head(upload).statusCode()).as(upload).isEqualTo(404);
      assertThat(sender.patch(upload, 0, new byte[1]).statusCode()).as(upload).isEqualTo(404);
      assertThat(sender.send("DELETE", upload, null, Map.of()).statusCode())
          .as(upload)
          .isEqualTo(404);
    }
    assertThat(sender.receipt("/hub/uploads/6f1f7a52-5f2e-4d0e-9c1a-111111111111").statusCode())
        .isEqualTo(404);
  }

  @Test
  void another_version_of_the_protocol_is_412() {
    byte[] file = file();
    HttpResponse<String> answer =
        TusSender.to(gateway.port())
            .with("Tus-Resumable", "0.2.2")
            .create(file.length, describing(file));
    assertThat(answer.statusCode()).isEqualTo(412);
  }

  @Test
  void a_method_may_be_named_in_a_header_by_clients_that_know_only_post() {
    byte[] file = file();
    String upload = sender.created(file);
    HttpResponse<String> answer =
        sender.send(
            "POST",
            upload,
            file,
            Map.of(
                "X-HTTP-Method-Override",
                "PATCH",
                "Upload-Offset",
                "0",
                "Content-Type",
                "application/offset+octet-stream"));
    assertThat(offset(answer)).isEqualTo(file.length);
  }

  @Test
  void a_creation_that_leaves_something_out_or_says_nonsense_is_400() {
    byte[] file = file();
    for (String missing : new String[] {"session_id", "radiology_order_id", "sha256"}) {
      Map<String, String> metadata = describing(file);
      metadata.remove(missing);
      assertThat(sender.create(file.length, metadata).statusCode()).as(missing).isEqualTo(400);
    }
    Map<String, String> wrong = new HashMap<>();
    wrong.put("session_id", "../../etc");
    wrong.put("radiology_order_id", "-1");
    wrong.put("sha256", "abc");
    wrong.put("encoding", "gzip");
    wrong.put("study_uid", "../..");
    wrong.put("metadata", "[1]");
    wrong.put("manifest_id", "a/b");
    wrong.put("size", "1e3");
    wrong.forEach(
        (key, value) -> {
          Map<String, String> metadata = describing(file);
          metadata.put(key, value);
          assertThat(sender.create(file.length, metadata).statusCode()).as(key).isEqualTo(400);
        });
    Map<String, String> capitals = describing(file);
    capitals.put("sha256", capitals.get("sha256").toUpperCase());
    assertThat(sender.create(file.length, capitals).statusCode()).isEqualTo(201);
    assertThat(sender.create(50L * 1024 * 1024 + 1, describing(file)).statusCode()).isEqualTo(413);
  }

  @Test
  void bytes_that_vanish_before_they_are_filed_are_asked_for_again() throws IOException {
    byte[] file = file();
    Map<String, String> metadata = describing(file);
    String upload = location(sender.create(file.length, metadata));
    sender.patch(upload, 0, Arrays.copyOf(file, 100));
    Files.delete(hub().resolve("uploads").resolve(upload.replaceAll(".*/", "") + ".part"));
    assertThat(sender.patch(upload, 100, Arrays.copyOfRange(file, 100, 200)).statusCode())
        .isEqualTo(410);
    assertThat(code(sender.receipt(upload))).isEqualTo("BYTES_LOST");
    assertThat(location(sender.create(file.length, metadata))).isNotEqualTo(upload);
  }

  @Test
  void no_temporary_file_stays() throws IOException {
    sender.decided(sender.sent(file()));
    try (var files = Files.list(hub().resolve("uploads"))) {
      assertThat(files.filter(one -> one.toString().endsWith(".plain"))).isEmpty();
    }
  }
}
