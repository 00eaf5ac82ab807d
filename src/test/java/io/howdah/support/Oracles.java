package io.howdah.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Other people's programs and files to compare with; tests are skipped where they are missing. */
public final class Oracles {
  private Oracles() {}

  /** The public DICOM files of the shared data folder; skips the test when it is not there. */
  public static List<Path> publicFiles() {
    String named = System.getenv("HOWDAH_SHARED");
    Path shared = named == null ? Path.of("..", "shared") : Path.of(named);
    Path files = shared.resolve("data").resolve("dicom").resolve("files");
    if (!Files.isDirectory(files) && named == null) {
      files = Path.of("..", "..", "shared", "data", "dicom", "files");
    }
    Assumptions.assumeTrue(
        Files.isDirectory(files),
        "skipped: the public DICOM files are not beside the project (HOWDAH_SHARED)");
    try (Stream<Path> list = Files.list(files)) {
      return list.filter(file -> file.toString().endsWith(".dcm")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Skips the test when a program is not installed. */
  public static void need(String program, String... probe) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(Arrays.asList(probe));
    boolean there;
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      there = process.waitFor() == 0;
    } catch (IOException e) {
      there = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      there = false;
    }
    Assumptions.assumeTrue(there, "skipped: " + String.join(" ", command) + " does not work here");
  }

  /** Runs a program to its end; its standard output, and null if it failed. */
  public static byte[] run(List<String> command) throws IOException {
    Path out = Files.createTempFile("oracle", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      return process.exitValue() == 0 ? Files.readAllBytes(out) : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      Files.deleteIfExists(out);
    }
  }
}
