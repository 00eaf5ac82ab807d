package io.howdah.dicom.net;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs tools of other makers, and ends every one that was started. */
public final class Dcmtk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final int port;

  private Dcmtk(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  public static void assumeInstalled(String tool) {
    assumeTrue(installed(tool), tool + " is not installed");
  }

  public static boolean installed(String tool) {
    for (String directory : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, tool))) {
        return true;
      }
    }
    return Files.isExecutable(Path.of("/usr/sbin", tool));
  }

  /** Runs a tool to its end and gives its exit code; its output goes to {@code log}. */
  public static int run(Path log, List<String> command) throws IOException, InterruptedException {
    Process process = start(log, command);
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(command.get(0) + " did not end within " + LIMIT);
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** A storescp that answers; the port is inserted as its last argument. */
  public static Dcmtk storescp(Path directory, Path log, String... options)
      throws IOException, InterruptedException {
    int port = freePort();
    List<String> command = new ArrayList<>(List.of("storescp", "-od", directory.toString()));
    command.addAll(List.of(options));
    command.add(String.valueOf(port));
    Process process = start(log, command);
    Dcmtk running = new Dcmtk(process, port);
    running.awaitPort();
    return running;
  }

  /** Any other server; {@code port} must be the one it was told. */
  public static Dcmtk server(Path log, int port, List<String> command)
      throws IOException, InterruptedException {
    Dcmtk running = new Dcmtk(start(log, command), port);
    running.awaitPort();
    return running;
  }

  private static Process start(Path log, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("TCP_NODELAY", "1");
    return builder.start();
  }

  private void awaitPort() throws InterruptedException {
    long until = System.nanoTime() + LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() - until < 0) {
      try (Socket probe = new Socket()) {
        probe.connect(new InetSocketAddress("127.0.0.1", port), 200);
        return;
      } catch (IOException e) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
    }
    process.destroyForcibly();
    throw new AssertionError("the server did not open its port");
  }

  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
