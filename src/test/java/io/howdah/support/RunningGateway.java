package io.howdah.support;

import io.howdah.Gateway;
import io.howdah.settings.SettingsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.awaitility.Awaitility;

/** A gateway in this process, on free ports and a directory of its own. */
public final class RunningGateway implements AutoCloseable {
  private final Path base;
  private final Gateway gateway;

  private RunningGateway(Path base, Gateway gateway) {
    this.base = base;
    this.gateway = gateway;
  }

  /**
   * Starts one.
   *
   * @param base an empty directory, for its data and configuration
   * @param settings keys with values, such as {@code "howdah.roles", "gateway,status"}
   */
  public static RunningGateway start(Path base, String... settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("howdah.http.port", "0");
    properties.put("howdah.management.port", "0");
    properties.put("howdah.intake.disk-reserve", "1MB");
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    try {
      return new RunningGateway(
          base,
          Gateway.start(SettingsReader.read(base, base.resolve("config"), Map.of(), properties)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts one that listens for DICOM too, for this machine alone and on a port that is free. */
  public static RunningGateway listening(Path base, String... settings) {
    return start(
        base,
        Stream.concat(
                Stream.of("howdah.dicom.host", "127.0.0.1", "howdah.dicom.port", "0"),
                Stream.of(settings))
            .toArray(String[]::new));
  }

  /** The DICOM port it chose, as an operator would find it. */
  public int dicomPort() throws JMException {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    Set<ObjectName> names =
        beans.queryNames(new ObjectName("org.apache.camel:context=howdah,type=endpoints,*"), null);
    for (ObjectName name : names) {
      if (name.getKeyProperty("name").contains("dicom://server")) {
        return (Integer) beans.getAttribute(name, "ListeningPort");
      }
    }
    throw new AssertionError("no dicom listener among " + names);
  }

  /** The business port. */
  public int port() {
    return gateway.port();
  }

  /** The management port. */
  public int managementPort() {
    return gateway.managementPort();
  }

  /** A new connection to the business port. */
  public Wire wire() throws IOException {
    return new Wire(port());
  }

  /** Sends one request on a connection of its own. */
  public Wire.Answer send(Wire.Request request) throws IOException {
    try (Wire wire = wire()) {
      return wire.send(request.bytes()).answer();
    }
  }

  /** The value of a line of the management port's metrics; not a number when there is none. */
  public double metric(String line) throws IOException {
    return management("/observe/metrics")
        .lines()
        .filter(text -> text.startsWith(line + " "))
        .mapToDouble(text -> Double.parseDouble(text.substring(line.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** What the management port answers to a GET. */
  public String management(String path) throws IOException {
    try (Wire wire = new Wire(gateway.managementPort())) {
      return wire.send(Wire.Request.of("GET", path).bytes()).answer().body();
    }
  }

  /** Where its data is. */
  public Path data() {
    return base.resolve("data");
  }

  /** Where files wait while they are in process. */
  public Path uploads() {
    return data().resolve("uploads");
  }

  /** Where refused bytes are kept. */
  public Path quarantine() {
    return data().resolve("quarantine");
  }

  /** The watched folder. */
  public Path inbox() {
    return data().resolve("inbox");
  }

  /** The bytes that wait under a study_id. */
  public byte[] waiting(String studyId) throws IOException {
    return Files.readAllBytes(uploads().resolve(studyId + ".dcm"));
  }

  /** Names of the files right in a directory, hidden ones left out. */
  public static Set<String> names(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      Set<String> names = new TreeSet<>();
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .forEach(names::add);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every regular file below a directory, with its inode. */
  public static Set<String> walk(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      Set<String> found = new TreeSet<>();
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        found.add(
            directory.relativize(file)
                + " "
                + Files.readAttributes(file, BasicFileAttributes.class).fileKey());
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails unless every temporary file is gone soon. */
  public void leavesNoTemporaryFile() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> temporary().isEmpty());
  }

  private List<Path> temporary() throws IOException {
    try (Stream<Path> files = Files.list(uploads().resolve(".arriving"))) {
      return files.toList();
    }
  }

  @Override
  public void close() {
    gateway.close();
  }
}
