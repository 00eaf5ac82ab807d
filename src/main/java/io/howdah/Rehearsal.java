package io.howdah;

import io.howdah.cli.Howdah;
import io.howdah.dicom.sample.SampleStudies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Runs the gateway once as its users will, from start to one archived file, and ends: the build
 * does it with {@code -XX:ArchiveClassesAtExit}, so that every later start finds its classes ready.
 */
final class Rehearsal {
  private static final int TRIES = 300;
  private static final long PAUSE_MS = 100;

  private Rehearsal() {}

  /**
   * @param args an empty directory for the data
   */
  public static void main(String[] args) throws Exception {
    int business = freePort();
    int management = freePort();
    System.setProperty("howdah.data", Path.of(args[0]).toAbsolutePath().toString());
    System.setProperty("howdah.http.port", Integer.toString(business));
    System.setProperty("howdah.management.port", Integer.toString(management));
    System.setProperty("howdah.intake.disk-reserve", "0");
    Thread gateway = new Thread(() -> Howdah.run("run"), "howdah-rehearsal");
    gateway.setDaemon(true);
    gateway.start();
    await(business, "/health", "healthy");
    String answer = upload(business);
    int id = answer.indexOf("study_id") + 11;
    await(business, "/status/" + answer.substring(id, answer.indexOf('"', id)), "archived");
    get(management, "/observe/health");
    get(management, "/observe/metrics");
    System.exit(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void await(int port, String path, String word) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      try {
        if (get(port, path).contains(word)) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
    throw new IllegalStateException(path + " never said " + word);
  }

  private static HttpURLConnection open(int port, String path) throws IOException {
    return (HttpURLConnection)
        URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
  }

  private static String get(int port, String path) throws IOException {
    try (InputStream in = open(port, path).getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String upload(int port) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.dcm\"\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(new SampleStudies(1).secondaryCapture().files().get(0).bytes());
    body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    HttpURLConnection connection = open(port, "/upload");
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "multipart/form-data; boundary=b");
    try (OutputStream out = connection.getOutputStream()) {
      body.writeTo(out);
    }
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
