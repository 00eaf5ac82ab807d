package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowedPathsTest {
  private static final int OPENED = 500;

  @TempDir Path base;

  @Test
  void a_file_that_becomes_a_pipe_while_it_is_opened_holds_up_nobody() throws Exception {
    Path root = Files.createDirectory(base.toRealPath().resolve("root"));
    Path file = Files.write(base.resolve("file"), new byte[100]);
    Path pipe = base.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path name = Files.createLink(root.resolve("swapped"), file);
    AllowedPaths paths = new AllowedPaths(List.of(root), Duration.ofMillis(20));
    AtomicBoolean over = new AtomicBoolean();
    Thread swapper =
        new Thread(
            () -> {
              while (!over.get()) {
                become(pipe, name);
                become(file, name);
              }
            });
    swapper.start();
    try {
      int opened =
          assertTimeoutPreemptively(
              Duration.ofMinutes(1), () -> opened(paths, name), "an open that waits for ever");
      assertThat(opened).isPositive();
    } finally {
      over.set(true);
      swapper.join();
      // for both ways, which waits for nobody, and lets go of those that wait
      FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
    }
  }

  private static void become(Path what, Path name) {
    Path other = name.resolveSibling("other");
    try {
      Files.createLink(other, what);
      Files.move(other, name, StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(other); // two names of one file are not moved over each other
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int opened(AllowedPaths paths, Path name) throws IOException {
    int opened = 0;
    for (int i = 0; i < OPENED; i++) {
      Optional<SeekableByteChannel> channel = paths.open(name.toString());
      if (channel.isPresent()) {
        assertThat(channel.get().size()).isEqualTo(100);
        channel.get().close();
        opened++;
      }
    }
    return opened;
  }
}
