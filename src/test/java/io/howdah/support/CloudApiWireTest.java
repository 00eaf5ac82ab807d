package io.howdah.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cloud of the tests counts what was asked of it, and what was cut short asked nothing. */
class CloudApiWireTest {
  private static final String REQUEST =
      "POST /api/dicom/upload/ HTTP/1.1\r\nHost: cloud\r\nX-Source-Message-ID: m\r\nContent-Length: 4\r\n\r\nbody";

  private CloudApi cloud;

  @BeforeEach
  void listen() throws IOException {
    cloud = CloudApi.contractA();
  }

  @AfterEach
  void close() {
    cloud.close();
  }

  /** True when the cloud hears these bytes, and then their end, without a word. */
  private boolean isMetWithSilence(byte[] bytes) throws IOException {
    try (Wire wire = new Wire(cloud.port())) {
      wire.send(bytes).finish();
      return wire.isClosedByPeer();
    }
  }

  @Test
  void a_request_counts_once_its_last_byte_has_come_and_not_before() throws IOException {
    byte[] request = REQUEST.getBytes(StandardCharsets.US_ASCII);
    for (int length = 0; length < request.length; length++) {
      assertThat(isMetWithSilence(Arrays.copyOf(request, length))).as("%d bytes", length).isTrue();
    }
    assertThat(cloud.requests()).isEmpty();
    assertThat(isMetWithSilence(request)).isFalse();
    assertThat(cloud.requests()).hasSize(1);
  }

  @Test
  void bytes_that_are_no_http_are_no_request() throws IOException {
    byte[] likeTls = {22, 3, 1, 2, 0, '\n', 1, 2, '\r', '\n', 3, 4};
    assertThat(isMetWithSilence(likeTls)).isTrue();
    assertThat(
            isMetWithSilence(
                "GET / HTTP/1.1\r\nno header\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
        .isTrue();
    assertThat(cloud.requests()).isEmpty();
  }
}
