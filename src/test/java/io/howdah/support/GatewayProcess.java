package io.howdah.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code howdah.jar} as its users run it: a child process with its own environment, whose output is
 * kept and which never outlives the test. Safe for use by many threads.
 */
public final class GatewayProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(150);
  private static final Pattern PORT_OPEN =
      Pattern.compile("business port open http://[^:]+:(\\d+)");

  /** Said once every route of the process's roles runs and its port, if it has one, is open. */
  private static final String READY = "gateway ready";

  private static final Pattern PID = Pattern.compile("gateway ready pid=(\\d+)");

  private final Process process;
  private final List<String> output = new CopyOnWriteArrayList<>();
  private final CountDownLatch readyOrEnded = new CountDownLatch(1);
  private final Thread reader;
  private final int managementPort;
  private volatile int port;
  private volatile long javaPid;
  private volatile boolean ready;

  private GatewayProcess(Process process, int managementPort) {
    this.process = process;
    this.managementPort = managementPort;
    this.reader = new Thread(this::read, "gateway-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** A gateway on {@code data}, with all roles and ports of its own until told otherwise. */
  public static Setup on(Path data) {
    return new Setup(data);
  }

  /** The jar under test; the failsafe configuration names it. */
  public static Path jar() {
    String jar = System.getProperty("howdah.jar");
    if (jar == null || !Files.isRegularFile(Path.of(jar))) {
      throw new IllegalStateException(
          "no howdah.jar: run mvn package first, or give -Dhowdah.jar=target/howdah.jar");
    }
    return Path.of(jar).toAbsolutePath();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(line);
        Matcher opened = PORT_OPEN.matcher(line);
        if (opened.find()) {
          port = Integer.parseInt(opened.group(1));
        }
        Matcher pid = PID.matcher(line);
        if (pid.find()) {
          javaPid = Long.parseLong(pid.group(1));
        }
        if (line.contains(READY)) {
          ready = true;
          readyOrEnded.countDown();
        }
      }
    } catch (IOException e) {
      output.add("(output lost: " + e.getMessage() + ")");
    } finally {
      readyOrEnded.countDown();
    }
  }

  /** Waits until it is ready or has ended; true when it is ready. */
  public boolean awaitReady() {
    try {
      if (!readyOrEnded.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("not ready after " + START_LIMIT + ":\n" + log());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return ready;
  }

  /** Where its business port answers. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** A client of its business port. */
  public GatewayClient client() {
    return new GatewayClient(uri());
  }

  /** Its management port. */
  public Management management() {
    return new Management(managementPort);
  }

  /** Files and connections it has open. */
  public int openFiles() {
    String[] open = Path.of("/proc", Long.toString(pid()), "fd").toFile().list();
    return open == null ? 0 : open.length;
  }

  /** All it has said until now. */
  public String log() {
    return String.join("\n", output);
  }

  /** The lines it has said that contain {@code text}. */
  public List<String> said(String text) {
    return output.stream().filter(line -> line.contains(text)).toList();
  }

  /** The process id of the JVM itself, whatever it was started through. */
  public long pid() {
    return javaPid != 0 ? javaPid : process.pid();
  }

  /** True while it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as a power cut would. */
  public void kill9() {
    signal("KILL");
    awaitExit(Duration.ofSeconds(10));
  }

  /** Sends a signal by its short name, such as STOP or CONT. */
  public void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Asks it to stop and waits; its exit code. */
  public int sigterm(Duration limit) {
    signal("TERM");
    return awaitExit(limit);
  }

  /** Waits for its end; its exit code. */
  public int awaitExit(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + limit + ":\n" + log());
      }
      reader.join(5_000);
      return process.exitValue();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a gateway", e);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(10));
  }

  /** What a gateway is started with. */
  public static final class Setup {
    private final Path data;
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> through = new ArrayList<>();
    private String classPath;

    private Setup(Path data) {
      this.data = data;
      set("howdah.http.port", "0");
      set("howdah.management.port", Integer.toString(freePort()));
    }

    private Setup(Setup other) {
      this.data = other.data;
      this.environment.putAll(other.environment);
      this.through.addAll(other.through);
      this.classPath = other.classPath;
    }

    /** The same again, with ports of its own, to be changed without changing this one. */
    public Setup copy() {
      return new Setup(this).set("howdah.management.port", Integer.toString(freePort()));
    }

    /** Gives a setting by its key. */
    public Setup set(String key, String value) {
      return variable(key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"), value);
    }

    /** Gives an environment variable as it is. */
    public Setup variable(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Ends the process at a crash point: NAME or NAME:n. */
    public Setup crashingAt(String point) {
      return set("howdah.crashpoint", point);
    }

    /** Starts it through another program, such as strace with its arguments. */
    public Setup through(List<String> command) {
      through.addAll(command);
      return this;
    }

    /** Adds classes, and starts the main class instead of the jar. */
    public Setup withClasses(Path classes) {
      classPath = jar() + ":" + classes.toAbsolutePath();
      return this;
    }

    /** Starts it and returns at once. */
    public GatewayProcess launch() {
      List<String> command = new ArrayList<>(through);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
      if (classPath == null) {
        StartupArchive.file().ifPresent(file -> command.add("-XX:SharedArchiveFile=" + file));
        command.addAll(List.of("-jar", jar().toString(), "run"));
      } else {
        command.addAll(List.of("-cp", classPath, "io.howdah.HowdahMain", "run"));
      }
      return new GatewayProcess(
          started(command), Integer.parseInt(environment.get("HOWDAH_MANAGEMENT_PORT")));
    }

    private Process started(List<String> command) {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      Map<String, String> inherited = builder.environment();
      Map<String, String> kept =
          inherited.entrySet().stream()
              .filter(entry -> List.of("PATH", "LANG", "LC_ALL", "TMPDIR").contains(entry.getKey()))
              .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
      inherited.clear();
      inherited.putAll(kept);
      inherited.put("HOWDAH_DATA", data.toString());
      inherited.put("HOWDAH_INTAKE_DISK_RESERVE", "0");
      inherited.putAll(environment);
      try {
        Files.createDirectories(data);
        return builder.directory(data.toFile()).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Starts it and returns when it is ready. */
    public GatewayProcess start() {
      GatewayProcess gateway = launch();
      try {
        if (!gateway.awaitReady()) {
          throw new AssertionError("the gateway ended before it was ready:\n" + gateway.log());
        }
        return gateway;
      } catch (AssertionError | RuntimeException e) {
        gateway.close();
        throw e;
      }
    }

    /** A port nobody has at the moment. */
    public static int freePort() {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
