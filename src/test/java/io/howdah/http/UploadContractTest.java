package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Form;
import io.howdah.support.Wire.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** POST /upload as contract §3 has it, on a real gateway. */
class UploadContractTest {
  @TempDir static Path base;
  private static RunningGateway gateway;
  private static final int MOST_FILES = 100;
  private static final AtomicInteger SEED = new AtomicInteger();

  @BeforeAll
  static void start() {
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "gateway,status",
            "howdah.intake.max-file-size",
            "2MB",
            "howdah.intake.max-files",
            Integer.toString(MOST_FILES));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @AfterEach
  void every_temporary_file_is_gone_and_the_next_request_is_served() throws IOException {
    gateway.leavesNoTemporaryFile();
    assertThat(gateway.send(Request.of("GET", "/health")).status()).isEqualTo(200);
  }

  /** Bytes that begin as a DICOM file does, never the same twice. */
  private static byte[] dicom(int length) {
    byte[] bytes = new byte[length];
    new Random(SEED.incrementAndGet()).nextBytes(bytes);
    Arrays.fill(bytes, 0, 128, (byte) 0);
    System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, bytes, 128, 4);
    return bytes;
  }

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(SEED.incrementAndGet()).nextBytes(bytes);
    return bytes;
  }

  private static Wire.Answer upload(String filename, byte[] bytes) throws IOException {
    return gateway.send(new Form().file("file", filename, bytes).upload());
  }

  private static void isProblem(Wire.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
    assertThat(answer.text("code")).isEqualTo(code);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.text("detail")).isNotBlank();
    assertThat(answer.text("title")).isNotBlank();
    showsNothingOfTheInside(answer);
  }

  private static void showsNothingOfTheInside(Wire.Answer answer) {
    assertThat(answer.body())
        .doesNotContain("Exception", "\tat ", "io.howdah", "java.", "org.", base.toString());
    assertThat(answer.headers()).containsEntry("x-content-type-options", "nosniff");
    assertThat(String.join(" ", answer.headers().keySet()).toLowerCase(Locale.ROOT))
        .doesNotContain("camel", "breadcrumb", "server");
  }

  // ------------------------------------------------------------------------------ the contract

  @Test
  void a_file_is_answered_with_202_and_its_study_id_once_it_is_safe() throws IOException {
    byte[] bytes = dicom(100_000);
    Wire.Answer answer = upload("image.dcm", bytes);
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.headers()).containsEntry("content-type", "application/json");
    assertThat(answer.json().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("study_id", "status", "message");
    assertThat(answer.text("status")).isEqualTo("accepted");
    assertThat(answer.text("message")).isNotBlank();
    String id = answer.text("study_id");
    assertThat(gateway.waiting(id)).isEqualTo(bytes);
    Path file = gateway.uploads().resolve(id + ".dcm");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    Wire.Answer status = gateway.send(Request.of("GET", "/status/" + id));
    assertThat(status.status()).isEqualTo(200);
    assertThat(status.text("status")).isEqualTo("uploaded");
    showsNothingOfTheInside(answer);
  }

  @Test
  void a_file_is_taken_by_its_name_or_by_its_content() throws IOException {
    assertThat(upload("x.dcm", noise(500)).status()).isEqualTo(202);
    assertThat(upload("X.DICOM", noise(500)).status()).isEqualTo(202);
    assertThat(upload("IM000001", dicom(500)).status()).isEqualTo(202);
    assertThat(upload("photo.jpg", dicom(500)).status()).isEqualTo(202);
    isProblem(upload("photo.jpg", noise(500)), 400, "NOT_DICOM");
    isProblem(upload("", noise(500)), 400, "NOT_DICOM");
    isProblem(upload("dcm", noise(500)), 400, "NOT_DICOM");
  }

  @Test
  void without_a_file_the_answer_is_422() throws IOException {
    isProblem(gateway.send(new Form().upload()), 422, "FILE_MISSING");
    isProblem(gateway.send(new Form().field("note", "x").upload()), 422, "FILE_MISSING");
    isProblem(gateway.send(new Form().field("file", "no file").upload()), 422, "FILE_MISSING");
    isProblem(
        gateway.send(new Form().file("upload", "a.dcm", dicom(500)).upload()), 422, "FILE_MISSING");
    isProblem(gateway.send(Request.of("POST", "/upload").body(new byte[0])), 422, "FILE_MISSING");
    isProblem(gateway.send(Request.of("POST", "/upload")), 422, "FILE_MISSING");
    isProblem(upload("a.dcm", new byte[0]), 422, "EMPTY");
  }

  @Test
  void a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_413() throws IOException {
    int limit = 2 * 1024 * 1024;
    assertThat(upload("a.dcm", dicom(limit)).status()).isEqualTo(202);
    isProblem(upload("a.dcm", dicom(limit + 1)), 413, "TOO_LARGE");
  }

  @Test
  void another_media_type_is_415() throws IOException {
    byte[] form = new Form().file("file", "a.dcm", dicom(500)).bytes();
    for (String type :
        List.of("application/dicom", "text/plain", "multipart/mixed; boundary=x", "x")) {
      isProblem(
          gateway.send(Request.of("POST", "/upload").with("Content-Type", type).body(form)),
          415,
          "UNSUPPORTED_MEDIA_TYPE");
    }
    isProblem(
        gateway.send(Request.of("POST", "/upload").body(form)), 415, "UNSUPPORTED_MEDIA_TYPE");
    isProblem(
        gateway.send(Form.upload(form).with("Content-Encoding", "gzip")),
        415,
        "UNSUPPORTED_MEDIA_TYPE");
  }

  @Test
  void another_method_is_405_and_another_path_404() throws IOException {
    for (String method : List.of("GET", "PUT", "DELETE", "PATCH", "TRACE", "BREW")) {
      Wire.Answer answer = gateway.send(Request.of(method, "/upload"));
      assertThat(answer.status()).as(method).isEqualTo(405);
      assertThat(answer.headers()).containsEntry("allow", "POST");
    }
    for (String path :
        List.of("/", "/uploads", "/upload/x", "/metrics", "/hawtio/", "/jolokia", "/q/health")) {
      isProblem(gateway.send(Request.of("GET", path)), 404, "NOT_FOUND");
    }
  }

  @Test
  void several_files_are_answered_with_a_list_in_their_order() throws IOException {
    byte[] good = dicom(500);
    byte[] other = dicom(500);
    Wire.Answer answer =
        gateway.send(
            new Form()
                .file("file", "a.dcm", good)
                .file("file", "b.txt", noise(500))
                .field("note", "ignored")
                .file("file", "c.dcm", other)
                .file("file", "again.dcm", good)
                .upload());
    assertThat(answer.status()).isEqualTo(202);
    JsonNode studies = answer.json().path("studies");
    assertThat(studies).hasSize(4);
    assertThat(gateway.waiting(studies.get(0).path("study_id").asText())).isEqualTo(good);
    assertThat(studies.get(1).path("status").asText()).isEqualTo("refused");
    assertThat(studies.get(1).path("code").asText()).isEqualTo("NOT_DICOM");
    assertThat(gateway.waiting(studies.get(2).path("study_id").asText())).isEqualTo(other);
    assertThat(studies.get(3).path("study_id")).isEqualTo(studies.get(0).path("study_id"));
    assertThat(studies.get(3).path("duplicate").asBoolean()).isTrue();
    assertThat(answer.text("message")).startsWith("2 of 4");
  }

  @Test
  void several_files_that_are_all_refused_are_refused_together() throws IOException {
    Wire.Answer answer =
        gateway.send(
            new Form().file("file", "a.txt", noise(500)).file("file", "b.txt", noise(50)).upload());
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("studies")).hasSize(2);
  }

  @Test
  void the_boundary_may_be_quoted_and_the_preamble_and_epilogue_are_nothing() throws IOException {
    byte[] bytes = dicom(500);
    byte[] body =
        new Form()
            .text("preamble\r\n")
            .file("file", "a.dcm", bytes)
            .text("--" + Form.BOUNDARY + "--epilogue")
            .open();
    Wire.Answer answer =
        gateway.send(
            Request.of("POST", "/upload")
                .with(
                    "Content-Type",
                    "Multipart/Form-Data; charset=utf-8; boundary=\"" + Form.BOUNDARY + "\"")
                .body(body));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(gateway.waiting(answer.text("study_id"))).isEqualTo(bytes);
  }

  @Test
  void bytes_that_look_like_delimiters_are_content() throws IOException {
    byte[] bytes = dicom(3_000);
    byte[] tricky =
        ("\r\n--" + Form.BOUNDARY.substring(0, 9) + "\r\n\r\n--\r\n\n")
            .getBytes(StandardCharsets.UTF_8);
    System.arraycopy(tricky, 0, bytes, 1_000, tricky.length);
    System.arraycopy("\r\n\r".getBytes(StandardCharsets.UTF_8), 0, bytes, 2_997, 3);
    Wire.Answer answer = upload("a.dcm", bytes);
    assertThat(gateway.waiting(answer.text("study_id"))).isEqualTo(bytes);
  }

  // ------------------------------------------------------------------------------ once only

  @Test
  void equal_bytes_are_answered_with_the_study_they_already_are() throws IOException {
    byte[] bytes = dicom(500);
    String id = upload("first.dcm", bytes).text("study_id");
    Wire.Answer again = upload("second.dcm", bytes);
    assertThat(again.status()).isEqualTo(202);
    assertThat(again.text("study_id")).isEqualTo(id);
    assertThat(again.text("status")).isEqualTo("accepted");
    assertThat(again.json().path("duplicate").isBoolean()).isTrue();
    assertThat(again.json().path("duplicate").asBoolean()).isTrue();
  }

  private static Wire.Answer keyed(String key, byte[]... files) throws IOException {
    Form form = new Form();
    for (byte[] file : files) {
      form.file("file", "a.dcm", file);
    }
    return gateway.send(form.upload().with("Idempotency-Key", key));
  }

  @Test
  void an_idempotency_key_brings_the_same_answer_for_the_same_bytes_only() throws IOException {
    byte[] bytes = dicom(500);
    String id = keyed("order-1", bytes).text("study_id");
    assertThat(keyed("order-1", bytes).text("study_id")).isEqualTo(id);
    isProblem(keyed("order-1", dicom(500)), 422, "KEY_REUSED");
    assertThat(keyed("order-2", dicom(500)).status()).isEqualTo(202);
  }

  @Test
  void a_key_with_several_files_names_each_of_them() throws IOException {
    byte[] one = dicom(500);
    byte[] two = dicom(500);
    JsonNode first = keyed("batch", one, two).json().path("studies");
    JsonNode second = keyed("batch", one, two).json().path("studies");
    for (int i = 0; i < 2; i++) {
      assertThat(second.get(i).path("study_id")).isEqualTo(first.get(i).path("study_id"));
    }
    assertThat(keyed("batch/1", dicom(500)).status())
        .as("a key that looks like the second file of another")
        .isEqualTo(202);
  }

  @Test
  void long_keys_that_begin_alike_are_different_keys() throws IOException {
    String beginning = "k".repeat(1_000);
    assertThat(keyed(beginning + "1", dicom(500)).status()).isEqualTo(202);
    assertThat(keyed(beginning + "2", dicom(500)).status()).isEqualTo(202);
  }

  // ------------------------------------------------------------------------------ A06 multipart

  @Test
  void a_body_that_is_no_multipart_is_400_and_leaves_nothing() throws IOException {
    byte[] whole = new Form().file("file", "a.dcm", dicom(5_000)).bytes();
    List<byte[]> bodies =
        List.of(
            new byte[0],
            "no multipart at all".getBytes(StandardCharsets.UTF_8),
            new Form().file("file", "a.dcm", dicom(500)).open(),
            Arrays.copyOf(whole, whole.length - 6),
            new Form().text("--" + Form.BOUNDARY + "\r\n").open(),
            new Form().part("X-No-Disposition: 1", dicom(500)).bytes(),
            new Form()
                .part("Content-Disposition: form-data; filename=\"a.dcm\"", dicom(500))
                .bytes(),
            new Form()
                .part(
                    "Content-Disposition: form-data; name=\"file\"; filename=\"a.dcm\"\r\nX: "
                        + "y".repeat(200_000),
                    dicom(500))
                .bytes(),
            new Form().text("--" + Form.BOUNDARY + "garbage\r\n\r\n").bytes());
    for (int i = 0; i < bodies.size(); i++) {
      Wire.Answer answer = gateway.send(Form.upload(bodies.get(i)));
      assertThat(answer.status()).as("body " + i + " " + answer.body()).isEqualTo(400);
      isProblem(answer, 400, "BAD_MULTIPART");
    }
  }

  @Test
  void a_boundary_that_is_missing_or_absurd_is_400() throws IOException {
    byte[] whole = new Form().file("file", "a.dcm", dicom(500)).bytes();
    for (String type :
        List.of(
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=" + "b".repeat(5_000))) {
      isProblem(
          gateway.send(Request.of("POST", "/upload").with("Content-Type", type).body(whole)),
          400,
          "BAD_MULTIPART");
    }
  }

  @Test
  void a_multipart_in_a_multipart_is_only_bytes() throws IOException {
    byte[] inner =
        ("--inner\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.dcm\"\r\n\r\nx\r\n--inner--\r\n")
            .getBytes(StandardCharsets.UTF_8);
    isProblem(
        gateway.send(
            new Form()
                .part(
                    "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: multipart/mixed; boundary=inner",
                    inner)
                .upload()),
        400,
        "NOT_DICOM");
  }

  @Test
  void plain_fields_are_read_over_within_bounds() throws IOException {
    Form some = new Form();
    IntStream.range(0, 100).forEach(i -> some.field("field" + i, "v".repeat(9_000)));
    assertThat(gateway.send(some.file("file", "a.dcm", dicom(500)).upload()).status())
        .isEqualTo(202);
    Form many = new Form();
    IntStream.range(0, 20_000).forEach(i -> many.field("f", "v"));
    assertThat(gateway.send(many.file("file", "a.dcm", dicom(500)).upload()).status())
        .isEqualTo(413);
  }

  @Test
  void as_many_files_as_allowed_are_taken_and_one_more_is_refused_with_all_of_them()
      throws IOException {
    Form most = new Form();
    IntStream.range(0, MOST_FILES).forEach(i -> most.file("file", "a.dcm", dicom(140)));
    Wire.Answer answer = gateway.send(most.upload());
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("studies")).hasSize(MOST_FILES);
    int before = RunningGateway.names(gateway.uploads()).size();
    Form more = new Form();
    IntStream.range(0, 5_000).forEach(i -> more.file("file", "a.dcm", dicom(140)));
    isProblem(gateway.send(more.upload()), 413, "TOO_MANY_FILES");
    assertThat(RunningGateway.names(gateway.uploads())).hasSize(before);
  }

  // ------------------------------------------------------------------------------ ZIP

  private interface Entries {
    void write(ZipOutputStream zip) throws IOException;
  }

  private static byte[] zip(Entries entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entries.write(zip);
    }
    return bytes.toByteArray();
  }

  private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes);
    zip.closeEntry();
  }

  @Test
  void a_zip_brings_each_of_its_files_and_no_clutter() throws IOException {
    byte[] one = dicom(5_000);
    byte[] two = dicom(5_000);
    Wire.Answer answer =
        upload(
            "study.zip",
            zip(
                zip -> {
                  zip.putNextEntry(new ZipEntry("series/"));
                  entry(zip, "series/1.dcm", one);
                  entry(zip, "__MACOSX/series/._1.dcm", noise(50));
                  entry(zip, "series/.DS_Store", noise(50));
                  entry(zip, "Thumbs.db", noise(50));
                  entry(zip, "series/2", two);
                }));
    assertThat(answer.status()).isEqualTo(202);
    JsonNode studies = answer.json().path("studies");
    assertThat(studies).hasSize(2);
    assertThat(gateway.waiting(studies.get(0).path("study_id").asText())).isEqualTo(one);
    assertThat(gateway.waiting(studies.get(1).path("study_id").asText())).isEqualTo(two);
  }

  @Test
  void a_zip_with_one_file_is_answered_like_that_file() throws IOException {
    byte[] one = dicom(500);
    Wire.Answer answer = upload("a.zip", zip(zip -> entry(zip, "1", one)));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(gateway.waiting(answer.text("study_id"))).isEqualTo(one);
  }

  @Test
  void a_zip_may_be_larger_than_a_file_may_be() throws IOException {
    Wire.Answer answer =
        upload(
            "a.zip",
            zip(
                zip -> {
                  entry(zip, "1", dicom(1_500_000));
                  entry(zip, "2", dicom(1_500_000));
                }));
    assertThat(answer.json().path("studies")).hasSize(2);
  }

  @Test
  void names_in_a_zip_lead_nowhere() throws IOException {
    Set<String> outside = outside();
    Wire.Answer answer =
        upload(
            "a.zip",
            zip(
                zip -> {
                  for (String name :
                      List.of(
                          "../../../evil.dcm",
                          "/evil.dcm",
                          "..\\..\\evil.dcm",
                          "C:\\evil.dcm",
                          "a/../../evil.dcm",
                          "e\u0000vil.dcm")) {
                    entry(zip, name, dicom(500));
                  }
                }));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("studies")).hasSize(6);
    assertThat(outside()).isEqualTo(outside);
  }

  /** All there is that is not in the uploads directory or the database. */
  private static Set<String> outside() {
    Set<String> all = RunningGateway.walk(base);
    all.removeIf(name -> name.startsWith("data/uploads/") || name.startsWith("data/howdah.db"));
    return all;
  }

  @Test
  void a_zip_that_unpacks_to_too_much_is_413_and_leaves_nothing() throws IOException {
    byte[] zeros = new byte[1024 * 1024];
    byte[] bomb =
        zip(
            zip -> {
              for (int i = 0; i < 200; i++) {
                entry(zip, "z" + i + ".dcm", zeros);
              }
            });
    assertThat(bomb.length).isLessThan(300_000);
    int before = RunningGateway.names(gateway.uploads()).size();
    isProblem(upload("bomb.zip", bomb), 413, "ZIP_TOO_LARGE");
    isProblem(
        upload("large.zip", zip(zip -> entry(zip, "a.dcm", new byte[3 * 1024 * 1024]))),
        413,
        "TOO_LARGE");
    assertThat(RunningGateway.names(gateway.uploads())).hasSize(before);
  }

  @Test
  void a_zip_with_too_many_files_or_names_is_413() throws IOException {
    isProblem(
        upload(
            "many.zip",
            zip(
                zip -> {
                  for (int i = 0; i <= MOST_FILES; i++) {
                    entry(zip, i + ".dcm", new byte[] {1});
                  }
                })),
        413,
        "TOO_MANY_FILES");
    isProblem(
        upload(
            "folders.zip",
            zip(
                zip -> {
                  for (int i = 0; i <= 20_000; i++) {
                    zip.putNextEntry(new ZipEntry(i + "/"));
                  }
                })),
        413,
        "TOO_MANY_FILES");
  }

  @Test
  void a_zip_in_a_zip_a_damaged_one_and_an_encrypted_one_are_400() throws IOException {
    byte[] good = zip(zip -> entry(zip, "a.dcm", dicom(5_000)));
    byte[] inner = zip(zip -> entry(zip, "inner.zip", good));
    isProblem(upload("nested.zip", inner), 400, "BAD_ZIP");
    isProblem(upload("cut.zip", Arrays.copyOf(good, good.length - 30)), 400, "BAD_ZIP");
    byte[] flipped = good.clone();
    flipped[2_000] ^= 0x55;
    isProblem(upload("flipped.zip", flipped), 400, "BAD_ZIP");
    byte[] encrypted = good.clone();
    encrypted[6] |= 1; // general purpose bit 0, here and in the central directory
    encrypted[centralDirectory(good) + 8] |= 1;
    isProblem(upload("encrypted.zip", encrypted), 400, "BAD_ZIP");
    byte[] wrongSum =
        zip(
            zip -> {
              byte[] bytes = dicom(500);
              ZipEntry entry = new ZipEntry("a.dcm");
              entry.setMethod(ZipEntry.STORED);
              entry.setSize(bytes.length);
              CRC32 sum = new CRC32();
              sum.update(bytes);
              entry.setCrc(sum.getValue());
              zip.putNextEntry(entry);
              zip.write(bytes);
            });
    wrongSum[300] ^= 1;
    isProblem(upload("sum.zip", wrongSum), 400, "BAD_ZIP");
    isProblem(upload("empty.zip", zip(zip -> {})), 422, "EMPTY");
  }

  private static int centralDirectory(byte[] zip) {
    for (int i = zip.length - 4; i > 0; i--) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 1 && zip[i + 3] == 2) {
        return i;
      }
    }
    throw new IllegalStateException("no central directory");
  }

  @Test
  void every_cut_of_a_zip_is_an_answer_and_no_crash() throws IOException {
    byte[] good = zip(zip -> entry(zip, "a.dcm", dicom(300)));
    for (int length = 4; length < good.length; length += 7) {
      assertThat(upload("cut.zip", Arrays.copyOf(good, length)).status())
          .as("cut at " + length)
          .isEqualTo(400);
    }
  }

  @Test
  void names_in_an_old_code_page_are_no_reason_to_refuse_a_zip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.ISO_8859_1)) {
      entry(zip, "pr\u00fcfung.dcm", dicom(500));
    }
    assertThat(upload("a.zip", bytes.toByteArray()).status()).isEqualTo(202);
  }

  @Test
  void a_zip_of_which_some_files_are_refused_brings_the_others() throws IOException {
    Wire.Answer answer =
        upload(
            "a.zip",
            zip(
                zip -> {
                  entry(zip, "readme.txt", noise(50));
                  entry(zip, "1.dcm", dicom(500));
                }));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json().path("studies").get(0).path("code").asText()).isEqualTo("NOT_DICOM");
    assertThat(answer.json().path("studies").get(1).path("status").asText()).isEqualTo("accepted");
  }

  // ------------------------------------------------------------------------------ A10, A11

  @Test
  void a_file_name_is_text_and_nothing_else() throws IOException {
    Set<String> outside = outside();
    List<String> names =
        new ArrayList<>(
            List.of(
                "../../x.dcm",
                "..\\\\x.dcm",
                "/etc/cron.d/x.dcm",
                "C:\\\\x.dcm",
                "x\u0000y.dcm",
                "a\tb.dcm",
                "\u202Ecod.exe.dcm",
                "CON.dcm",
                "\u0085\u009b31mred.dcm",
                "${body}.dcm",
                "{{howdah.data}}.dcm",
                "$simple{sys.user.home}.dcm",
                "${jndi:ldap://127.0.0.1/x}.dcm",
                "\ud83e\udd99.dcm",
                "%2e%2e%2fx.dcm",
                "x".repeat(4_000) + ".dcm",
                "\ud83e\udd99".repeat(1_000) + ".dcm",
                "\\\\\"quoted\\\\\".dcm"));
    for (String name : names) {
      Wire.Answer answer = upload(name, dicom(500));
      assertThat(answer.status()).as(name).isEqualTo(202);
      assertThat(answer.text("study_id")).matches("[0-9a-f-]{36}");
      assertThat(answer.body()).doesNotContain("x.dcm");
    }
    assertThat(outside()).isEqualTo(outside);
  }

  @Test
  void a_long_file_name_with_escapes_does_not_exhaust_the_parser() throws IOException {
    assertThat(upload("\\\\a".repeat(1_900) + ".dcm", dicom(500)).status()).isEqualTo(202);
    assertThat(upload("a".repeat(7_900) + ".dcm", dicom(500)).status()).isEqualTo(202);
  }

  @Test
  void headers_and_fields_that_name_camels_own_have_no_effect() throws IOException {
    for (String name :
        List.of(
            "CamelFileName",
            "camelfilename",
            "CamelHttpResponseCode",
            "CamelHttpUri",
            "CamelSplitSize",
            "breadcrumbId",
            "org.apache.camel.x",
            "Camel-Redis.Channel")) {
      byte[] bytes = dicom(500);
      Wire.Answer answer =
          gateway.send(
              new Form()
                  .field(name, "../../evil")
                  .file("file", "a.dcm", bytes)
                  .upload()
                  .with(name, "418"));
      assertThat(answer.status()).as(name).isEqualTo(202);
      assertThat(gateway.waiting(answer.text("study_id"))).isEqualTo(bytes);
      showsNothingOfTheInside(answer);
      Wire.Answer query =
          gateway.send(Request.of("GET", "/status?" + name + "=418").with(name, "418"));
      assertThat(query.status()).as(name).isEqualTo(200);
      showsNothingOfTheInside(query);
    }
  }
}
