package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowingConsumer;

/**
 * A name that is a file of 100 bytes now and a pipe then, so that who opens it may wait for ever.
 */
final class SwappedName {
  private final Path name;
  private final Path file;
  private final Path pipe;

  /**
   * @param aside a folder on the same device, for what the name is in turn
   */
  SwappedName(Path name, Path aside) throws Exception {
    this.name = name;
    file = Files.write(aside.resolve("file"), new byte[100]);
    pipe = aside.resolve("pipe");
    makePipe(pipe);
  }

  static void makePipe(Path at) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", at.toString()).start().waitFor()).isZero();
  }

  /** Lets go of those that wait for the pipe: opens it for both ways, which waits for nobody. */
  void letGo() {
    try {
      FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does something while the name is swapped. */
  void whileSwapping(ThrowingConsumer<Path> what) throws Exception {
    Files.createLink(name, file);
    AtomicBoolean over = new AtomicBoolean();
    Thread swapper =
        new Thread(
            () -> {
              while (!over.get()) {
                become(pipe);
                become(file);
              }
            });
    swapper.start();
    try {
      assertTimeoutPreemptively(
          Duration.ofMinutes(1), () -> what.accept(name), "an open that waits for ever");
    } finally {
      over.set(true);
      swapper.join();
    }
  }

  private void become(Path what) {
    Path other = name.resolveSibling("other");
    try {
      Files.createLink(other, what);
      Files.move(other, name, StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(other); // two names of one file are not moved over each other
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
