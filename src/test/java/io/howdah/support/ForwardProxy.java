package io.howdah.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy as hospitals have them: forwards requests and CONNECT tunnels, and may want a password.
 */
public final class ForwardProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String expected;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private ForwardProxy(String credentials) throws IOException {
    expected =
        credentials.isEmpty()
            ? ""
            : "Basic "
                + Base64.getEncoder()
                    .encodeToString(credentials.getBytes(StandardCharsets.US_ASCII));
    daemon(this::accept);
  }

  public static ForwardProxy open() throws IOException {
    return new ForwardProxy("");
  }

  /** One that lets only {@code user:password} through. */
  public static ForwardProxy closedTo(String credentials) throws IOException {
    return new ForwardProxy(credentials);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** The first lines of the requests it forwarded. */
  public List<String> asked() {
    return asked;
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "forward-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        daemon(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      OutputStream out = client.getOutputStream();
      String head = head(in);
      while (!expected.isEmpty() && !head.contains("Proxy-Authorization: " + expected)) {
        discardBody(in, head);
        out.write(
            "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        head = head(in);
      }
      String first = head.substring(0, head.indexOf('\r'));
      asked.add(first);
      String[] words = first.split(" ");
      if (words[0].equals("CONNECT")) {
        String[] to = words[1].split(":");
        out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        join(client, to[0], Integer.parseInt(to[1]), new byte[0]);
      } else {
        URI uri = URI.create(words[1]);
        String forwarded =
            words[0] + " " + uri.getRawPath() + head.substring(first.lastIndexOf(' '));
        join(client, uri.getHost(), uri.getPort(), forwarded.getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // one of the ends went away
    }
  }

  private static void discardBody(InputStream in, String head) throws IOException {
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        in.readNBytes(Integer.parseInt(line.substring(15).strip()));
      }
    }
  }

  private void join(Socket client, String host, int port, byte[] begin) throws IOException {
    try (Socket cloud = new Socket(host, port)) {
      sockets.add(cloud);
      cloud.getOutputStream().write(begin);
      daemon(() -> pour(client, cloud));
      pour(cloud, client);
    }
  }

  private static void pour(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // one of the ends went away
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the client went away");
      }
      head.write(b);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
