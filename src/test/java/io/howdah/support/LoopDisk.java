package io.howdah.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk in a file: what a copy of the file holds is what a power cut at that moment would have
 * left on the disk, journal and all, and nothing that was still in memory.
 */
public final class LoopDisk implements AutoCloseable {
  private static final int WRITES = 4;
  private static final int IN_FLIGHT = 8;

  private final Path image;
  private final Path at;

  private LoopDisk(Path image, Path at) throws IOException {
    this.image = image;
    this.at = at;
    Files.createDirectories(at);
    assumeTrue(
        did("mount", "-o", "loop", image.toString(), at.toString()),
        "skipped: this user may not mount disks here");
  }

  /** An empty ext4 disk of {@code size} (such as 100M), seen at {@code at}. */
  public static LoopDisk fresh(Path image, String size, Path at) throws IOException {
    assumeTrue(
        did("truncate", "-s", size, image.toString())
            && did("mkfs.ext4", "-q", "-F", image.toString()),
        "skipped: there is no mkfs.ext4 here");
    return new LoopDisk(image, at);
  }

  /** The disk that {@link #cut} left in a file, seen at {@code at}. */
  public static LoopDisk of(Path image, Path at) throws IOException {
    return new LoopDisk(image, at);
  }

  /**
   * What a power cut would leave now; whoever writes to the disk has to be stopped meanwhile.
   *
   * @param copy the file for it
   */
  public void cut(Path copy) throws IOException {
    Path device = Path.of("/sys/block", device(), "stat");
    List<String> before;
    do { // the kernel may write by itself what nobody asked it to keep; half of that is no disk
      before = written(device);
      if (!did("cp", "--sparse=always", image.toString(), copy.toString())) {
        throw new IOException("the disk cannot be copied");
      }
    } while (!written(device).equals(before));
  }

  private static List<String> written(Path device) throws IOException {
    List<String> figures = Arrays.asList(Files.readString(device).strip().split("\\s+"));
    return List.of(figures.get(WRITES), figures.get(IN_FLIGHT));
  }

  private String device() throws IOException {
    Process process =
        new ProcessBuilder("losetup", "-n", "-O", "NAME", "-j", image.toString()).start();
    String name =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return Path.of(name).getFileName().toString();
  }

  private static boolean did(String... command) throws IOException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    did("umount", "-l", at.toString());
  }
}
