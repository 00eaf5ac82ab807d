package io.howdah.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A small file system in memory, or another place's face on a folder; gone with the test. */
public final class Mount implements AutoCloseable {
  private final Path at;
  private boolean mounted;

  private Mount(Path at, String... command) {
    this.at = at;
    try {
      Files.createDirectories(at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    mounted = run(command);
    assumeTrue(mounted, "skipped: this user may not mount file systems here");
  }

  /**
   * A file system of its own.
   *
   * @param options such as {@code size=20m,nr_inodes=200}
   */
  public static Mount small(Path at, String options) {
    return new Mount(at, "mount", "-t", "tmpfs", "-o", options, "tmpfs", at.toString());
  }

  /** The folder {@code real} seen at {@code at}. */
  public static Mount of(Path real, Path at) {
    return new Mount(at, "mount", "--bind", real.toString(), at.toString());
  }

  /** Makes it read-only, or not; false when it cannot be now, as while a file is being written. */
  public boolean isReadOnly(boolean only) {
    return run("mount", "-o", "remount," + (only ? "ro" : "rw"), at.toString());
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of(command)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Takes it away, though it may be in use: what is open stays open, new looks see what is under
   * it.
   */
  @Override
  public void close() {
    if (mounted) {
      mounted = !run("umount", "-l", at.toString());
    }
  }
}
