import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.UUID;

/**
 * What no durable intake on this machine can pass: a server that receives a body, digests it, writes and syncs it, links it to
 * its place, syncs the directory and answers 202, and does nothing else: no multipart, no row, no check, no next stage.
 *
 * <p>Usage: java BareIntake.java PORT DIRECTORY
 */
public final class BareIntake {
  public static void main(String[] args) throws IOException {
    Path directory = Files.createDirectories(Path.of(args[1]));
    try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket socket = server.accept();
        Thread thread = new Thread(() -> serve(socket, directory));
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private static void serve(Socket socket, Path directory) {
    try (socket;
        FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[128 * 1024];
      for (int left = length(in); left >= 0; left = length(in)) {
        Path part = directory.resolve(UUID.randomUUID() + ".part");
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          while (left > 0) {
            int n = in.read(buffer, 0, Math.min(left, buffer.length));
            if (n < 0) {
              return;
            }
            digest.update(buffer, 0, n);
            file.write(ByteBuffer.wrap(buffer, 0, n));
            left -= n;
          }
          digest.digest();
          file.force(true);
        }
        Path whole = directory.resolve(part.getFileName() + ".dcm");
        Files.createLink(whole, part);
        folder.force(true);
        Files.delete(part);
        Files.delete(whole);
        socket.getOutputStream().write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
    } catch (Exception e) {
      e.printStackTrace();
    }
  }

  /** Of the next request's body; -1 when there is none. */
  private static int length(InputStream in) throws IOException {
    int length = 0;
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c != '\n') {
        line.append((char) c);
      } else if (line.toString().isBlank()) {
        return length;
      } else {
        String lower = line.toString().toLowerCase();
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring(15).strip());
        }
        line.setLength(0);
      }
    }
    return -1;
  }
}
