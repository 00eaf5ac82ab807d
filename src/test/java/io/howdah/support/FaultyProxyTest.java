package io.howdah.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy does exactly what a test told it, or the tests behind it prove nothing. */
class FaultyProxyTest {
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private ServerSocket echo;
  private FaultyProxy proxy;

  @BeforeEach
  void listen() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    proxy = new FaultyProxy(echo.getLocalPort());
    Thread server = new Thread(this::serve, "echo");
    server.setDaemon(true);
    server.start();
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    echo.close();
  }

  /** Echoes until its client ends, and remembers what came and how it ended. */
  private void serve() {
    while (!echo.isClosed()) {
      StringBuilder all = new StringBuilder();
      try (Socket socket = echo.accept()) {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[100];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          all.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
          socket.getOutputStream().write(buffer, 0, n);
        }
        received.add(all + " closed");
      } catch (IOException e) {
        received.add(all + " reset");
      }
    }
  }

  private Socket say(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String hear(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
  }

  private String arrived() throws InterruptedException {
    return received.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void without_a_fault_everything_passes() throws Exception {
    try (Socket socket = say("hello")) {
      assertThat(hear(socket, 5)).isEqualTo("hello");
      socket.shutdownOutput();
      assertThat(arrived()).isEqualTo("hello closed");
      assertThat(proxy.requestBytes()).isEqualTo(5);
    }
  }

  @Test
  void a_request_is_closed_at_its_byte() throws Exception {
    proxy.next(Fault.cutRequest(3, Act.CLOSE));
    try (Socket socket = say("hello")) {
      assertThat(arrived()).startsWith("hel");
      assertThat(proxy.requestBytes()).isEqualTo(3);
    }
  }

  @Test
  void a_reset_is_seen_as_one() throws Exception {
    proxy.next(Fault.cutRequest(2, Act.RESET));
    try (Socket socket = say("hello")) {
      assertThat(arrived()).isEqualTo("he reset");
    }
  }

  @Test
  void a_response_is_dropped_after_the_request_has_arrived() throws Exception {
    proxy.next(Fault.dropResponse());
    try (Socket socket = say("hello")) {
      assertThat(arrived()).isEqualTo("hello reset");
      try {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      } catch (SocketException reset) {
        assertThat(reset).isNotNull();
      }
    }
  }

  @Test
  void a_hung_connection_neither_moves_nor_ends() throws Exception {
    proxy.next(Fault.cutRequest(0, Act.HANG));
    try (Socket socket = say("hello")) {
      socket.setSoTimeout(300);
      try {
        assertThat(socket.getInputStream().read()).isEqualTo(-2);
      } catch (SocketTimeoutException silent) {
        assertThat(received).isEmpty();
      }
      proxy.cutAll();
      assertThat(arrived()).isNotNull();
    }
  }

  @Test
  void one_bit_is_flipped() throws Exception {
    proxy.next(Fault.corruptRequest(1));
    try (Socket socket = say("hello")) {
      assertThat(hear(socket, 5)).isEqualTo("hdllo");
    }
  }

  @Test
  void a_fault_is_for_one_connection() throws Exception {
    proxy.next(Fault.cutRequest(0, Act.RESET));
    try (Socket first = say("a")) {
      assertThat(arrived()).isEqualTo(" reset");
    }
    try (Socket second = say("b")) {
      assertThat(hear(second, 1)).isEqualTo("b");
    }
  }
}
