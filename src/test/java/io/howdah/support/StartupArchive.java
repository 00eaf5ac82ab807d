package io.howdah.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A class data archive of the jar under test, made once for each build, so that the many starts of
 * the process tests are quick; when it cannot be made the starts are only slower.
 */
public final class StartupArchive {
  private static Optional<Path> made;

  private StartupArchive() {}

  static synchronized Optional<Path> file() {
    if (made == null) {
      made = Optional.empty(); // the start that makes it uses none
      made = make();
    }
    return made;
  }

  /** Where it is kept once it is made; every Java has its own, because it can use no other's. */
  public static Path place() {
    return GatewayProcess.jar()
        .resolveSibling("process-tests-" + System.getProperty("java.runtime.version") + ".jsa");
  }

  private static Optional<Path> make() {
    Path jar = GatewayProcess.jar();
    Path archive = place();
    try {
      if (Files.exists(archive)
          && Files.getLastModifiedTime(archive).compareTo(Files.getLastModifiedTime(jar)) > 0) {
        return Optional.of(archive);
      }
      Path data = Files.createTempDirectory("howdah-startup");
      Path fresh = data.resolve("fresh.jsa");
      try (GatewayProcess gateway =
          GatewayProcess.on(data)
              .variable("JDK_JAVA_OPTIONS", "-XX:ArchiveClassesAtExit=" + fresh)
              .start()) {
        gateway.client().upload(TinyDicom.object(1, 512));
        gateway.sigterm(Duration.ofSeconds(60));
      }
      if (Files.exists(fresh)) {
        Files.move(fresh, archive, StandardCopyOption.REPLACE_EXISTING);
      }
      delete(data);
      return Optional.of(archive).filter(Files::exists);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
