package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.support.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that the build makes for quick starts. */
class StartIT {
  @TempDir private Path directory;

  @Test
  void the_builds_archive_of_classes_fits_its_jar_and_is_used() throws Exception {
    Path archive = GatewayProcess.jar().resolveSibling("howdah.jsa");
    assumeTrue(Files.exists(archive), "skipped: built with -Dhowdah.jsa.skip=true");
    Path log = directory.resolve("classes");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:SharedArchiveFile=" + archive,
                    "-Xshare:auto",
                    "-Xlog:class+load:file=" + log,
                    "-jar",
                    GatewayProcess.jar().toString(),
                    "--version"))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(directory.resolve("out"))).startsWith("howdah ");
    assertThat(Files.readAllLines(log))
        .filteredOn(line -> line.contains("shared objects file (top)"))
        .hasSizeGreaterThan(50);
  }

  @Test
  void the_archive_is_kept_with_the_name_of_the_java_that_made_it() throws Exception {
    Path archive = GatewayProcess.jar().resolveSibling("howdah.jsa");
    assumeTrue(Files.exists(archive), "skipped: built with -Dhowdah.jsa.skip=true");

    assertThat(archive.resolveSibling("howdah.jsa.made-by"))
        .as("what the next build compares its own Java with")
        .hasContent(System.getProperty("java.runtime.version"));
  }
}
