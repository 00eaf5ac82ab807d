package io.howdah.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.support.Oracles;
import io.howdah.support.RunningGateway;
import io.howdah.support.TusSender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PACS-lite as viewers see it: QIDO-RS, WADO-RS (PS3.18 §10) and a page for people. */
class RadiologyHttpTest {
  private static final String ROOT = "1.2.826.0.1.3680043.10.1234.77.";
  private static final Pattern BOUNDARY = Pattern.compile("boundary=([^;]+)");

  @TempDir static Path base;
  @TempDir Path work;
  private static RunningGateway gateway;
  private static final List<byte[]> images = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Study 1: two series of two images and one; study 2: one image, with a hostile name. */
  @BeforeAll
  static void fill() {
    gateway = RunningGateway.start(base, "howdah.roles", "hub", "howdah.hub.max-results", "3");
    images.add(image(1, 1, 1, "Müller^Ännchen", "CT"));
    images.add(image(1, 1, 2, "Müller^Ännchen", "CT"));
    images.add(image(1, 2, 1, "Müller^Ännchen", "SR"));
    images.add(image(2, 1, 1, "<script>alert(1)</script>^Bob", "MR"));
    TusSender sender = TusSender.to(gateway.port());
    for (byte[] image : images) {
      assertThat(sender.decided(sender.sent(image)).statusCode()).isEqualTo(200);
    }
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static byte[] image(int study, int series, int number, String name, String modality) {
    byte[] pixels = new byte[100_000];
    new Random(study * 100L + series * 10L + number).nextBytes(pixels);
    return new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
        .file(
            new DataSetBuilder()
                .put(Tag.SpecificCharacterSet, "ISO_IR 100")
                .put(Tag.SOPClassUID, Uids.SecondaryCaptureImageStorage)
                .put(Tag.SOPInstanceUID, sop(study, series, number))
                .put(Tag.StudyDate, "2026010" + study)
                .put(Tag.StudyTime, "101500")
                .put(Tag.AccessionNumber, "ACC" + study)
                .put(Tag.Modality, modality)
                .put(Tag.StudyDescription, "Thorax " + study)
                .put(Tag.PatientName, name)
                .put(Tag.PatientID, "P" + study)
                .put(Tag.PatientBirthDate, "19700102")
                .put(Tag.PatientSex, "F")
                .put(Tag.StudyInstanceUID, ROOT + study)
                .put(Tag.SeriesInstanceUID, ROOT + study + "." + series)
                .put(Tag.SeriesNumber, Integer.toString(series))
                .put(Tag.InstanceNumber, Integer.toString(number))
                .put(Tag.Rows, 250)
                .put(Tag.Columns, 400)
                .put(Tag.PixelData, VR.OB, pixels));
  }

  private static String sop(int study, int series, int number) {
    return ROOT + study + "." + series + "." + number;
  }

  private HttpResponse<byte[]> get(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + gateway.port() + "/radiology/" + path));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static JsonNode tree(HttpResponse<byte[]> answer) {
    try {
      return new com.fasterxml.jackson.databind.ObjectMapper().readTree(answer.body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> found(String path, String tag) {
    HttpResponse<byte[]> answer = get(path, "Accept", "application/dicom+json");
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/dicom+json");
    return StreamSupport.stream(tree(answer).spliterator(), false)
        .map(result -> result.path(tag).path("Value").path(0).asText())
        .toList();
  }

  private List<String> studies(String query) {
    return found("studies?" + query, "0020000D");
  }

  @Test
  void a_search_without_conditions_finds_every_study_newest_first() {
    assertThat(found("studies", "0020000D")).containsExactly(ROOT + 2, ROOT + 1);
    JsonNode first = tree(get("studies?StudyInstanceUID=" + ROOT + 1)).get(0);
    assertThat(first.at("/00100010/Value/0/Alphabetic").asText()).isEqualTo("Müller^Ännchen");
    assertThat(first.at("/00201206/Value/0").asInt()).isEqualTo(2);
    assertThat(first.at("/00201208/Value/0").asInt()).isEqualTo(3);
    assertThat(first.at("/00080061/Value").toString()).isEqualTo("[\"CT\",\"SR\"]");
    assertThat(first.at("/00081190/Value/0").asText())
        .isEqualTo("http://127.0.0.1:" + gateway.port() + "/radiology/studies/" + ROOT + 1);
  }

  @Test
  void studies_are_found_by_every_common_key() {
    assertThat(studies("PatientID=P1")).containsExactly(ROOT + 1);
    assertThat(studies("00100020=P2")).containsExactly(ROOT + 2);
    assertThat(studies("PatientName=M%C3%BCller*")).containsExactly(ROOT + 1);
    assertThat(studies("PatientName=*BOB")).containsExactly(ROOT + 2);
    assertThat(studies("PatientName=*%C3%84NNchen")).containsExactly(ROOT + 1);
    assertThat(studies("PatientID=P?")).containsExactly(ROOT + 2, ROOT + 1);
    assertThat(studies("PatientID=%25")).isEmpty();
    assertThat(studies("StudyDate=20260101")).containsExactly(ROOT + 1);
    assertThat(studies("StudyDate=20260102-")).containsExactly(ROOT + 2);
    assertThat(studies("StudyDate=-20260101")).containsExactly(ROOT + 1);
    assertThat(studies("StudyDate=20250101-20271231&StudyTime=1015-1015"))
        .containsExactly(ROOT + 2, ROOT + 1);
    assertThat(studies("ModalitiesInStudy=SR")).containsExactly(ROOT + 1);
    assertThat(studies("AccessionNumber=ACC2")).containsExactly(ROOT + 2);
    assertThat(studies("StudyInstanceUID=" + ROOT + "1," + ROOT + 2)).hasSize(2);
    assertThat(studies("StudyDescription=Thorax%201&PatientID=P1")).containsExactly(ROOT + 1);
    assertThat(studies("PatientID=P1&AccessionNumber=ACC2")).isEmpty();
    assertThat(studies("PatientID=&limit=1&offset=1")).containsExactly(ROOT + 1);
    assertThat(studies("includefield=all&fuzzymatching=false&limit=1")).hasSize(1);
    assertThat(studies("PatientName=' OR 1=1 --".replace(" ", "%20"))).isEmpty();
  }

  @Test
  void series_and_instances_are_found_below_their_study_and_everywhere() {
    assertThat(found("studies/" + ROOT + "1/series", "0020000E"))
        .containsExactly(ROOT + "1.1", ROOT + "1.2");
    assertThat(found("series?Modality=MR", "0020000E")).containsExactly(ROOT + "2.1");
    assertThat(found("studies/" + ROOT + "1/instances", "00080018")).hasSize(3);
    assertThat(found("studies/" + ROOT + "1/series/" + ROOT + "1.1/instances", "00080018"))
        .containsExactly(sop(1, 1, 1), sop(1, 1, 2));
    assertThat(found("instances?InstanceNumber=2", "00080018")).containsExactly(sop(1, 1, 2));
    assertThat(found("instances?Rows=250&PatientID=P2", "00080018")).containsExactly(sop(2, 1, 1));
    assertThat(found("studies/1.2.3/series", "0020000E")).isEmpty();
  }

  @Test
  void more_results_than_one_answer_holds_are_said_to_be_there() {
    HttpResponse<byte[]> answer = get("instances?limit=1000");
    assertThat(tree(answer)).hasSize(3);
    assertThat(answer.headers().firstValue("Warning").orElse(""))
        .contains("Additional results can be requested");
    assertThat(get("instances?offset=3").headers().firstValue("Warning")).isEmpty();
  }

  @Test
  void what_a_search_does_not_obey_it_says_and_nonsense_is_400() {
    assertThat(get("studies?Modality=CT").headers().firstValue("Warning").orElse(""))
        .contains("00080060");
    for (String wrong :
        List.of(
            "NoSuchKeyword=1",
            "limit=x",
            "limit=-1",
            "offset=1e3",
            "StudyInstanceUID=..%2f",
            "StudyDate=1-2-3",
            "a")) {
      assertThat(get("studies?" + wrong).statusCode()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void an_instance_is_given_back_byte_for_byte_whole_or_in_ranges() {
    String path = "studies/" + ROOT + "1/series/" + ROOT + "1.1/instances/" + sop(1, 1, 2);
    HttpResponse<byte[]> whole = get(path, "Accept", "application/dicom");
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(images.get(1));
    String tag = whole.headers().firstValue("ETag").orElseThrow();
    assertThat(tag).isEqualTo("\"" + TusSender.sha256(images.get(1)) + "\"");
    assertThat(get(path, "If-None-Match", tag).statusCode()).isEqualTo(304);
    HttpResponse<byte[]> part = get(path, "Range", "bytes=100-299");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(images.get(1), 100, 300));
    assertThat(part.headers().firstValue("Content-Range"))
        .contains("bytes 100-299/" + images.get(1).length);
    assertThat(get(path, "Range", "bytes=-10").body())
        .isEqualTo(
            Arrays.copyOfRange(images.get(1), images.get(1).length - 10, images.get(1).length));
    assertThat(get(path, "Range", "bytes=999999999-").statusCode()).isEqualTo(416);
    assertThat(get(path, "Range", "bytes=abc").body()).isEqualTo(images.get(1));
  }

  private static List<byte[]> parts(HttpResponse<byte[]> answer) {
    String type = answer.headers().firstValue("Content-Type").orElseThrow();
    assertThat(type).startsWith("multipart/related; type=\"application/dicom\"");
    Matcher matcher = BOUNDARY.matcher(type);
    assertThat(matcher.find()).isTrue();
    String all = new String(answer.body(), StandardCharsets.ISO_8859_1);
    String delimiter = "--" + matcher.group(1);
    assertThat(all).startsWith(delimiter).endsWith(delimiter + "--\r\n");
    List<byte[]> parts = new ArrayList<>();
    String[] pieces = all.split(Pattern.quote(delimiter), -1);
    for (String piece : Arrays.asList(pieces).subList(1, pieces.length - 1)) {
      assertThat(piece).startsWith("\r\nContent-Type: application/dicom").endsWith("\r\n");
      String content = piece.substring(piece.indexOf("\r\n\r\n") + 4, piece.length() - 2);
      parts.add(content.getBytes(StandardCharsets.ISO_8859_1));
    }
    return parts;
  }

  @Test
  void a_study_and_a_series_are_given_as_parts() {
    String dicom = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    assertThat(parts(get("studies/" + ROOT + 1, "Accept", dicom)))
        .containsExactly(images.get(0), images.get(1), images.get(2));
    assertThat(parts(get("studies/" + ROOT + "1/series/" + ROOT + "1.2", "Accept", dicom)))
        .containsExactly(images.get(2));
    assertThat(parts(get("studies/" + ROOT + "1/series/" + ROOT + "1.1")))
        .containsExactly(images.get(0), images.get(1));
  }

  @Test
  void what_cannot_be_given_is_406_and_what_is_not_there_404() {
    String series = "studies/" + ROOT + "1/series/" + ROOT + "1.1";
    assertThat(get(series, "Accept", "application/dicom").statusCode()).isEqualTo(406);
    assertThat(get(series, "Accept", "image/jpeg").statusCode()).isEqualTo(406);
    String jpeg =
        "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50";
    assertThat(get(series, "Accept", jpeg).statusCode()).isEqualTo(406);
    assertThat(
            get(series, "Accept", jpeg + ", multipart/related; type=\"application/dicom\"; q=0.1")
                .statusCode())
        .isEqualTo(200);
    assertThat(get("studies/1.2.3.4").statusCode()).isEqualTo(404);
    assertThat(get("studies/..%2f..").statusCode()).isEqualTo(404);
    assertThat(get(series + "/instances/1.2.3").statusCode()).isEqualTo(404);
    assertThat(get("studies/" + ROOT + "2/series/" + ROOT + "1.1").statusCode()).isEqualTo(404);
    assertThat(get("studies/1.2.3.4/metadata").statusCode()).isEqualTo(404);
  }

  @Test
  void metadata_are_headers_without_pixels() {
    JsonNode all = tree(get("studies/" + ROOT + "1/metadata"));
    assertThat(all).hasSize(3);
    assertThat(all.get(0).at("/00100010/Value/0/Alphabetic").asText()).isEqualTo("Müller^Ännchen");
    assertThat(all.get(0).at("/00280010/Value/0").asInt()).isEqualTo(250);
    assertThat(all.get(0).at("/7FE00010").has("InlineBinary")).isFalse();
    assertThat(tree(get("studies/" + ROOT + "1/series/" + ROOT + "1.2/metadata"))).hasSize(1);
    assertThat(
            tree(
                get(
                    "studies/"
                        + ROOT
                        + "1/series/"
                        + ROOT
                        + "1.2/instances/"
                        + sop(1, 2, 1)
                        + "/metadata")))
        .hasSize(1);
  }

  @Test
  void a_study_is_told_as_json_with_its_order_and_its_images() {
    JsonNode study = tree(get("studies/" + ROOT + 1, "Accept", "application/json"));
    assertThat(study.path("study_uid").asText()).isEqualTo(ROOT + 1);
    assertThat(study.path("patient_name").asText()).isEqualTo("Müller^Ännchen");
    assertThat(study.path("radiology_order_ids").toString()).isEqualTo("[123]");
    assertThat(study.path("series")).hasSize(2);
    JsonNode image = study.at("/series/0/images/1");
    assertThat(image.path("sop_instance_uid").asText()).isEqualTo(sop(1, 1, 2));
    assertThat(image.path("server_image_id").isIntegralNumber()).isTrue();
    assertThat(get(image.path("url").asText().replaceFirst("/radiology/", "")).body())
        .isEqualTo(images.get(1));
  }

  @Test
  void a_study_is_shown_as_a_page_in_which_nothing_a_file_says_is_markup() {
    HttpResponse<byte[]> page =
        get("studies/" + ROOT + 2, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(text(page))
        .contains("&lt;script&gt;alert(1)&lt;/script&gt; Bob", "<html lang=\"en\">", "<caption>")
        .doesNotContain("<script");
    assertThat(get("studies/1.2.3", "Accept", "text/html").statusCode()).isEqualTo(404);
  }

  @Test
  void dcmtk_and_pydicom_read_what_is_retrieved() throws IOException {
    Oracles.need("dcmdump", "--version");
    Oracles.need("/usr/bin/python3", "-c", "import pydicom");
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (byte[] part :
        parts(
            get(
                "studies/" + ROOT + 1,
                "Accept",
                "multipart/related; type=\"application/dicom\""))) {
      Path file = Files.write(Files.createTempFile(work, "part", ".dcm"), part);
      names.write(Oracles.run(List.of("dcmdump", "+P", "0008,0018", file.toString())));
      names.write(
          Oracles.run(
              List.of(
                  "/usr/bin/python3",
                  "-c",
                  "import pydicom,sys; d=pydicom.dcmread(sys.argv[1]); print(d.PatientID, len(d.PixelData))",
                  file.toString())));
    }
    assertThat(names.toString(StandardCharsets.UTF_8))
        .contains(sop(1, 1, 1), sop(1, 1, 2), sop(1, 2, 1), "P1 100000");
  }
}
