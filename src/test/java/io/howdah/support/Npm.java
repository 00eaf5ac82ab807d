package io.howdah.support;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Packages of npm, installed for one test in a folder of its own. */
public final class Npm {
  private Npm() {}

  /** Installs packages; where that is not possible the test is skipped, and says why. */
  public static void install(Path folder, String... packages) throws IOException {
    Oracles.need("npm", "--version");
    Oracles.need("node", "--version");
    List<String> command =
        new ArrayList<>(
            List.of(
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--no-save",
                "--prefix",
                folder.toString()));
    command.addAll(Arrays.asList(packages));
    Process install =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("npm.log").toFile())
            .start();
    try {
      boolean installed = install.waitFor(5, TimeUnit.MINUTES) && install.exitValue() == 0;
      Assumptions.assumeTrue(
          installed, "skipped: npm cannot install " + String.join(" ", packages) + " here");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while npm installs", e);
    } finally {
      install.destroyForcibly();
    }
  }
}
