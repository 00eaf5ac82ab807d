package io.howdah.monitor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocketFactory;

/** Asks a Redis whether it is there, on a connection of its own that no pool can hold back. */
final class RedisPing {
  private static final int PATIENCE_MS = 1_000;
  private static final int DEFAULT_PORT = 6379;

  private RedisPing() {}

  /**
   * @throws IOException when nothing there speaks Redis within a second; one that asks for a
   *     password does
   */
  static void ping(URI uri) throws IOException {
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    try (Socket socket =
        uri.getScheme().equals("rediss")
            ? SSLSocketFactory.getDefault().createSocket()
            : new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      int first = socket.getInputStream().read();
      if (first != '+' && first != '-') {
        throw new IOException("no Redis there");
      }
    }
  }
}
