package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.session.AllowedPaths.TooManyOpening;
import io.howdah.support.Pause;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowedPathsTest {
  private static final int OPENED = 500;

  @TempDir Path base;

  private Path root;
  private SwappedName swapped;

  @BeforeEach
  void prepare() throws Exception {
    root = Files.createDirectory(base.toRealPath().resolve("root"));
    swapped = new SwappedName(root.resolve("swapped"), base);
  }

  @Test
  void a_file_that_becomes_a_pipe_while_it_is_opened_holds_up_nobody() throws Exception {
    AllowedPaths paths = new AllowedPaths(List.of(root), OPENED, Duration.ofMillis(20));
    swapped.whileSwapping(name -> assertThat(opened(paths, name)).isPositive());
    swapped.letGo();
  }

  @Test
  void a_pipe_named_as_a_folder_is_not_even_tried() throws Exception {
    AllowedPaths paths = new AllowedPaths(List.of(root), 1);
    SwappedName.makePipe(root.resolve("pipe"));
    assertThat(paths.open(root.resolve("pipe/a.dcm").toString())).isEmpty();
    Pause.until("the turn to be given back", Duration.ofSeconds(5), () -> paths.opening() == 0);
  }

  @Test
  void pipes_hold_up_no_more_threads_than_may_open_files() throws Exception {
    int most = 3;
    AllowedPaths paths = new AllowedPaths(List.of(root), most, Duration.ofMillis(20));
    Path good = Files.write(root.resolve("good"), new byte[100]);
    swapped.whileSwapping(
        name -> {
          do {
            assertThatExceptionOfType(TooManyOpening.class)
                .isThrownBy(() -> openAgainAndAgain(paths, name));
          } while (isAnyTurnFreed(paths, most)); // it was held by one that was slow, not by a pipe
        });
    for (int i = 0; i < 20; i++) {
      assertThatExceptionOfType(TooManyOpening.class).isThrownBy(() -> paths.open(good.toString()));
    }
    assertThat(paths.opening()).isEqualTo(most);
    swapped.letGo();
    Pause.until("the pipes to be let go", Duration.ofMinutes(1), () -> paths.opening() == 0);
    paths.open(good.toString()).orElseThrow().close();
  }

  private static boolean isAnyTurnFreed(AllowedPaths paths, int most) {
    for (int look = 0; look < 10 && paths.opening() == most; look++) {
      Pause.aMoment();
    }
    return paths.opening() < most;
  }

  private static void openAgainAndAgain(AllowedPaths paths, Path name) throws IOException {
    while (true) {
      opened(paths, name);
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
