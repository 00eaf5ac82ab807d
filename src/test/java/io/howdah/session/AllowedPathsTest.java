package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.howdah.session.AllowedPaths.TooManyOpening;
import io.howdah.support.Pause;
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
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowedPathsTest {
  private static final int OPENED = 500;

  @TempDir Path base;

  private Path root;
  private Path file;
  private Path pipe;

  @BeforeEach
  void prepare() throws Exception {
    root = Files.createDirectory(base.toRealPath().resolve("root"));
    file = Files.write(base.resolve("file"), new byte[100]);
    pipe = base.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
  }

  @Test
  void a_file_that_becomes_a_pipe_while_it_is_opened_holds_up_nobody() throws Exception {
    AllowedPaths paths = new AllowedPaths(List.of(root), OPENED, Duration.ofMillis(20));
    whileSwapping(name -> assertThat(opened(paths, name)).isPositive());
    letGo();
  }

  @Test
  void pipes_hold_up_no_more_threads_than_may_open_files() throws Exception {
    int most = 3;
    AllowedPaths paths = new AllowedPaths(List.of(root), most, Duration.ofMillis(20));
    Path good = Files.write(root.resolve("good"), new byte[100]);
    whileSwapping(
        name ->
            assertThatExceptionOfType(TooManyOpening.class)
                .isThrownBy(() -> openAgainAndAgain(paths, name)));
    for (int i = 0; i < 20; i++) {
      assertThatExceptionOfType(TooManyOpening.class).isThrownBy(() -> paths.open(good.toString()));
    }
    assertThat(paths.opening()).isEqualTo(most);
    letGo();
    Pause.until("the pipes to be let go", Duration.ofMinutes(1), () -> paths.opening() == 0);
    paths.open(good.toString()).orElseThrow().close();
  }

  private static void openAgainAndAgain(AllowedPaths paths, Path name) throws IOException {
    while (true) {
      opened(paths, name);
    }
  }

  /** For both ways, which waits for nobody, and lets go of those that wait. */
  private void letGo() throws IOException {
    FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
  }

  /** Does something with a name that is a file now and a pipe then. */
  private void whileSwapping(ThrowingConsumer<Path> what) throws Exception {
    Path name = Files.createLink(root.resolve("swapped"), file);
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
      assertTimeoutPreemptively(
          Duration.ofMinutes(1), () -> what.accept(name), "an open that waits for ever");
    } finally {
      over.set(true);
      swapper.join();
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
