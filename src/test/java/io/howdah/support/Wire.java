package io.howdah.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP/1.1 spoken byte by byte, so that a test can say what no decent client would. */
public final class Wire implements AutoCloseable {
  private static final int PATIENCE_MS = 20_000;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  public Wire(int port) throws IOException {
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MS);
    socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MS);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** Sends text as it stands. */
  public Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends bytes as they are. */
  public Wire send(byte[] bytes) throws IOException {
    return send(bytes, 0, bytes.length);
  }

  /** Sends some of the bytes. */
  public Wire send(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
    out.flush();
    return this;
  }

  /** Sends bytes although the other side may have closed; false once it has. */
  public boolean trySend(byte[] bytes) {
    try {
      send(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends our side; the other may still speak. */
  public void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection with a reset. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** True when the other side closes, or has closed, without another byte. */
  public boolean isClosedByPeer() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  /** The next answer; interim ones are answers too. */
  public Answer answer() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/")) {
      throw new IOException("no HTTP: " + status);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    byte[] body;
    if (headers.containsKey("content-length")) {
      body = in.readNBytes(Integer.parseInt(headers.get("content-length")));
    } else if ("chunked".equals(headers.get("transfer-encoding"))) {
      body = chunks();
    } else {
      body = code < 200 || code == 204 ? new byte[0] : in.readAllBytes();
    }
    return new Answer(code, headers, new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      all.write(in.readNBytes(size));
      line();
    }
    line();
    return all.toByteArray();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed without an answer");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** An answer as it came. */
  public record Answer(int status, Map<String, String> headers, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The body as JSON. */
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new IllegalStateException("no JSON: " + body, e);
      }
    }

    /** A text in the body. */
    public String text(String key) {
      return json().path(key).asText();
    }
  }

  /** A request built line by line. */
  public static final class Request {
    private final String start;
    private final List<String> headers = new ArrayList<>(List.of("Host: howdah"));
    private byte[] body = new byte[0];

    private Request(String start) {
      this.start = start;
    }

    /** A request with a method and a target. */
    public static Request of(String method, String target) {
      return new Request(method + " " + target + " HTTP/1.1");
    }

    /** Adds a header line. */
    public Request with(String name, String value) {
      headers.add(name + ": " + value);
      return this;
    }

    /** Sets the body and its length. */
    public Request body(byte[] bytes) {
      body = bytes;
      return with("Content-Length", Integer.toString(bytes.length));
    }

    /** Sets a body of JSON. */
    public Request json(String json) {
      return with("Content-Type", "application/json").body(json.getBytes(StandardCharsets.UTF_8));
    }

    /** All of it. */
    public byte[] bytes() {
      byte[] head = head();
      byte[] all = java.util.Arrays.copyOf(head, head.length + body.length);
      System.arraycopy(body, 0, all, head.length, body.length);
      return all;
    }

    /** All but the body. */
    public byte[] head() {
      return (start + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A multipart/form-data body under construction. */
  public static final class Form {
    /** The boundary of every form. */
    public static final String BOUNDARY = "howdah-4711";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds a file. */
    public Form file(String name, String filename, byte[] content) {
      return part(
          "Content-Disposition: form-data; name=\"" + name + "\"; filename=\"" + filename + "\"",
          content);
    }

    /** Adds a plain field. */
    public Form field(String name, String value) {
      return part(
          "Content-Disposition: form-data; name=\"" + name + "\"",
          value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a part with a header as it stands. */
    public Form part(String header, byte[] content) {
      text("--" + BOUNDARY + "\r\n" + header + "\r\n\r\n");
      bytes.writeBytes(content);
      return text("\r\n");
    }

    /** Adds text as it stands. */
    public Form text(String text) {
      bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      return this;
    }

    /** What there is so far. */
    public byte[] open() {
      return bytes.toByteArray();
    }

    /** All of it, with its end. */
    public byte[] bytes() {
      text("--" + BOUNDARY + "--\r\n");
      return open();
    }

    /** A POST /upload of it. */
    public Request upload() {
      return upload(bytes());
    }

    /** A POST /upload of a body with our boundary. */
    public static Request upload(byte[] body) {
      return Request.of("POST", "/upload")
          .with("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
          .body(body);
    }
  }
}
