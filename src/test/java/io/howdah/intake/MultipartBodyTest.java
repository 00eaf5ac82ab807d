package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MultipartBodyTest {
  private static final String TYPE = "multipart/form-data; boundary=xyz";

  @Test
  void parts_are_the_same_wherever_the_body_is_cut() throws Exception {
    byte[] body =
        bytes(
            "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.dcm\"\r\n\r\nab\r\n--xy\r\n-\r"
                + "\r\n--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\nX: y\r\n\r\n\r\n--xyz--\r\n");
    for (int cut = 0; cut <= body.length; cut++) {
      Recorded parts = new Recorded();
      MultipartBody multipart = MultipartBody.of(TYPE, parts).orElseThrow();
      multipart.feed(Arrays.copyOf(body, cut));
      multipart.feed(Arrays.copyOfRange(body, cut, body.length));
      assertThat(multipart.isComplete()).isTrue();
      assertThat(parts.log).containsExactly("file:a.dcm=ab\r\n--xy\r\n-\r", "note:-=");
    }
  }

  @Test
  void parts_are_the_same_when_the_body_comes_byte_by_byte() throws Exception {
    Recorded parts = new Recorded();
    MultipartBody multipart = MultipartBody.of(TYPE, parts).orElseThrow();
    for (byte one :
        bytes(
            "preamble\r\n--xyz  \r\nContent-Disposition: form-data; name=file; filename=b\r\n\r\n1\r\n2\r\n--xyz--")) {
      multipart.feed(new byte[] {one});
    }
    assertThat(multipart.isComplete()).isTrue();
    assertThat(parts.log).containsExactly("file:b=1\r\n2");
  }

  @Test
  void random_bytes_come_through_unchanged_in_random_pieces() throws Exception {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      byte[] content = new byte[random.nextInt(5000)];
      random.nextBytes(content);
      for (int i = 0; i < content.length / 10; i++) {
        content[random.nextInt(content.length)] =
            "\r\n-xyz".getBytes(StandardCharsets.US_ASCII)[random.nextInt(6)];
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.writeBytes(
          bytes("--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"));
      body.writeBytes(content);
      body.writeBytes(bytes("\r\n--xyz--\r\n"));
      Recorded parts = new Recorded();
      MultipartBody multipart = MultipartBody.of(TYPE, parts).orElseThrow();
      byte[] whole = body.toByteArray();
      for (int at = 0; at < whole.length; ) {
        int until = Math.min(whole.length, at + 1 + random.nextInt(700));
        multipart.feed(Arrays.copyOfRange(whole, at, until));
        at = until;
      }
      assertThat(parts.contents.get(0)).isEqualTo(content);
    }
  }

  @Test
  void a_body_without_its_closing_delimiter_is_not_complete() throws Exception {
    MultipartBody multipart = MultipartBody.of(TYPE, new Recorded()).orElseThrow();
    multipart.feed(
        bytes(
            "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nab\r\n--xyz\r\n"));
    assertThat(multipart.isComplete()).isFalse();
  }

  @Test
  void a_boundary_that_is_missing_or_too_long_is_refused() {
    assertThat(MultipartBody.of("multipart/form-data", new Recorded())).isEmpty();
    assertThat(MultipartBody.of("multipart/form-data; boundary=\"\"", new Recorded())).isEmpty();
    assertThat(
            MultipartBody.of(
                "multipart/form-data; boundary=\"" + "b".repeat(71) + "\"", new Recorded()))
        .isEmpty();
  }

  @Test
  void a_part_header_without_end_is_refused_at_its_limit() {
    MultipartBody multipart = MultipartBody.of(TYPE, new Recorded()).orElseThrow();
    assertThatThrownBy(
            () -> {
              multipart.feed(bytes("--xyz\r\n"));
              for (int i = 0; i < 200; i++) {
                multipart.feed(bytes("X: " + "y".repeat(100)));
              }
            })
        .isInstanceOf(Refused.class)
        .hasMessage("BAD_MULTIPART");
  }

  @Test
  void quoted_names_and_escapes_are_read_as_their_sender_meant_them() throws Exception {
    Recorded parts = new Recorded();
    MultipartBody.of("multipart/form-data; boundary=\"x y\"", parts)
        .orElseThrow()
        .feed(
            bytes(
                "--x y\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\"; c.dcm\"\r\n\r\n\r\n--x y--"));
    assertThat(parts.log).containsExactly("file:a \"b\"; c.dcm=");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Recorded implements MultipartBody.Parts {
    private final List<String> log = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private String head;

    @Override
    public void begin(String name, Optional<String> filename) {
      head = name + ":" + filename.orElse("-");
      content.reset();
    }

    @Override
    public void content(ByteBuffer bytes) throws IOException {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      content.write(copy);
    }

    @Override
    public void end() {
      contents.add(content.toByteArray());
      log.add(head + "=" + content.toString(StandardCharsets.UTF_8));
    }
  }
}
