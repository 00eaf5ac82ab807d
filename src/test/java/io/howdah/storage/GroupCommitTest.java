package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.disk.StorageUnavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class GroupCommitTest {
  @TempDir Path directory;
  private FaultyDataSource writer;
  private GroupCommit commits;
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @BeforeEach
  void open() {
    commits = commits(Duration.ofSeconds(30));
    commits.write(handle -> handle.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)"));
    writer.seen().clear();
  }

  private GroupCommit commits(Duration patience) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    SQLiteDataSource real = new SQLiteDataSource(config);
    real.setUrl("jdbc:sqlite:" + directory.resolve("t.db"));
    writer = new FaultyDataSource(real);
    return new GroupCommit(writer, real, patience);
  }

  @AfterEach
  void close() {
    commits.close();
    callers.shutdownNow();
  }

  private static Function<Handle, Integer> insert(int n) {
    return handle -> handle.execute("INSERT INTO t VALUES (?)", n);
  }

  private List<Integer> rows() {
    return commits.read(
        handle -> handle.createQuery("SELECT n FROM t ORDER BY n").mapTo(Integer.class).list());
  }

  private <T> CompletableFuture<T> soon(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, callers);
  }

  /**
   * Keeps the writer thread busy until the latch is counted down, so that later writes form a
   * group.
   */
  private CompletableFuture<Integer> hold(CountDownLatch latch) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Integer> first =
        soon(
            () ->
                commits.write(
                    handle -> {
                      begun.countDown();
                      awaited(latch);
                      return 0;
                    }));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    return first;
  }

  private static void awaited(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("never let go");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void untilQueued(int writes) {
    while (commits.queued() < writes) {
      Thread.onSpinWait();
    }
  }

  @Test
  void writes_that_wait_together_are_committed_together() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    CompletableFuture<Integer> first = hold(latch);
    List<CompletableFuture<Integer>> others = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      int n = i;
      others.add(soon(() -> commits.write(insert(n))));
    }
    untilQueued(20);
    latch.countDown();
    first.get(10, TimeUnit.SECONDS);
    for (CompletableFuture<Integer> other : others) {
      assertThat(other.get(10, TimeUnit.SECONDS)).isOne();
    }
    assertThat(rows()).hasSize(20);
    assertThat(writer.seen().stream().filter("COMMIT"::equals)).hasSize(2);
  }

  @Test
  void a_write_that_fails_takes_no_other_with_it() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    hold(latch);
    List<CompletableFuture<Integer>> good = new ArrayList<>();
    List<CompletableFuture<Integer>> bad = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      int n = i;
      good.add(soon(() -> commits.write(insert(n))));
      bad.add(
          soon(
              () ->
                  commits.write(
                      handle -> {
                        handle.execute("INSERT INTO t VALUES (?)", n + 100);
                        throw new IllegalArgumentException("mine");
                      })));
      bad.add(
          soon(
              () ->
                  commits.write(
                      handle -> {
                        handle.execute("INSERT INTO t VALUES (?)", n + 200);
                        return handle.execute("INSERT INTO t VALUES (?)", n + 200);
                      })));
    }
    untilQueued(15);
    latch.countDown();
    for (CompletableFuture<Integer> one : good) {
      assertThat(one.get(10, TimeUnit.SECONDS)).isOne();
    }
    for (int i = 0; i < bad.size(); i++) {
      CompletableFuture<Integer> one = bad.get(i);
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> one.get(10, TimeUnit.SECONDS))
          .withCauseInstanceOf(
              i % 2 == 0 ? IllegalArgumentException.class : StorageUnavailable.class);
    }
    assertThat(rows()).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void a_write_that_fails_alone_leaves_nothing() {
    assertThatThrownBy(
            () ->
                commits.write(
                    handle -> {
                      handle.execute("INSERT INTO t VALUES (7)");
                      throw new IllegalArgumentException("mine");
                    }))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(rows()).isEmpty();
    assertThat(commits.write(insert(8))).isOne();
    assertThat(rows()).containsExactly(8);
  }

  @Test
  void when_the_commit_fails_nobody_is_told_that_it_worked_and_the_next_one_does()
      throws Exception {
    for (String at : List.of("COMMIT", "BEGIN")) {
      CountDownLatch latch = new CountDownLatch(1);
      CompletableFuture<Integer> first = hold(latch);
      CompletableFuture<Integer> one = soon(() -> commits.write(insert(1)));
      CompletableFuture<Integer> two = soon(() -> commits.write(insert(2)));
      untilQueued(2);
      writer.fault(
          sql -> {
            if (sql.equals("COMMIT")) { // the first one's; the group's comes next
              writer.failOnce(at);
            }
          });
      latch.countDown();
      first.get(10, TimeUnit.SECONDS);
      for (CompletableFuture<Integer> caller : List.of(one, two)) {
        assertThatExceptionOfType(ExecutionException.class)
            .as(at)
            .isThrownBy(() -> caller.get(10, TimeUnit.SECONDS))
            .withCauseInstanceOf(StorageUnavailable.class);
      }
      assertThat(rows()).as(at).isEmpty();
      assertThat(commits.write(insert(3))).as("after " + at).isOne();
      assertThat(rows()).containsExactly(3);
      commits.write(handle -> handle.execute("DELETE FROM t"));
    }
  }

  @Test
  void when_a_group_cannot_be_run_again_apart_nobody_is_told_that_it_worked() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    hold(latch);
    CompletableFuture<Integer> good = soon(() -> commits.write(insert(1)));
    CompletableFuture<Integer> bad =
        soon(
            () ->
                commits.write(
                    handle -> {
                      throw new IllegalArgumentException("mine");
                    }));
    untilQueued(2);
    writer.failOnce("SAVEPOINT");
    latch.countDown();
    for (CompletableFuture<Integer> caller : List.of(good, bad)) {
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> caller.get(10, TimeUnit.SECONDS))
          .withCauseInstanceOf(StorageUnavailable.class);
    }
    assertThat(rows()).isEmpty();
    assertThat(commits.write(insert(3))).isOne();
  }

  @Test
  void nobody_is_answered_before_the_commit() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch latch = new CountDownLatch(1);
    writer.fault(
        sql -> {
          if (sql.equals("COMMIT")) {
            reached.countDown();
            awaited(latch);
          }
        });
    CompletableFuture<Integer> caller = soon(() -> commits.write(insert(1)));
    assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(caller).isNotDone();
    assertThat(rows()).isEmpty();
    latch.countDown();
    assertThat(caller.get(10, TimeUnit.SECONDS)).isOne();
    assertThat(rows()).containsExactly(1);
  }

  @Test
  void a_write_whose_turn_does_not_come_is_given_up_and_never_happens() throws Exception {
    commits.close();
    commits = commits(Duration.ofMillis(50));
    CountDownLatch latch = new CountDownLatch(1);
    CompletableFuture<Integer> first = hold(latch);
    assertThatExceptionOfType(StorageUnavailable.class).isThrownBy(() -> commits.write(insert(1)));
    latch.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS))
        .as("one that had begun is waited for, however long it takes")
        .isZero();
    assertThat(commits.write(insert(2))).isOne();
    assertThat(rows()).containsExactly(2);
  }

  @Test
  void an_interrupted_caller_of_a_write_that_has_begun_still_learns_what_came_of_it()
      throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch latch = new CountDownLatch(1);
    writer.fault(
        sql -> {
          if (sql.equals("COMMIT")) {
            reached.countDown();
            awaited(latch);
          }
        });
    AtomicReference<Thread> thread = new AtomicReference<>();
    CompletableFuture<Boolean> caller =
        soon(
            () -> {
              thread.set(Thread.currentThread());
              assertThat(commits.write(insert(1))).isOne();
              return Thread.interrupted();
            });
    assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
    thread.get().interrupt();
    latch.countDown();
    assertThat(caller.get(10, TimeUnit.SECONDS)).as("and keeps its interrupt").isTrue();
    assertThat(rows()).containsExactly(1);
  }

  @Test
  void only_a_group_with_something_durable_in_it_is_synced() throws Exception {
    commits.progress(insert(1));
    commits.progress(insert(2));
    commits.write(insert(3));
    commits.write(insert(4));
    assertThat(writer.seen().stream().filter(sql -> sql.startsWith("PRAGMA")))
        .containsExactly("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL");
    writer.seen().clear();
    CountDownLatch latch = new CountDownLatch(1);
    hold(latch);
    CompletableFuture<Integer> one = soon(() -> commits.progress(insert(5)));
    untilQueued(1);
    CompletableFuture<Integer> two = soon(() -> commits.write(insert(6)));
    untilQueued(2);
    latch.countDown();
    one.get(10, TimeUnit.SECONDS);
    two.get(10, TimeUnit.SECONDS);
    assertThat(writer.seen().stream().filter(sql -> sql.startsWith("PRAGMA"))).isEmpty();
  }

  @Test
  void a_reopened_connection_syncs_again() {
    commits.progress(insert(1));
    writer.failOnce("COMMIT");
    assertThatExceptionOfType(StorageUnavailable.class)
        .isThrownBy(() -> commits.progress(insert(2)));
    writer.seen().clear();
    commits.write(insert(3));
    assertThat(writer.seen()).noneMatch(sql -> sql.contains("NORMAL"));
    assertThat(rows()).containsExactly(1, 3);
  }

  @Test
  void what_waits_when_the_database_closes_is_done_and_what_comes_after_is_refused()
      throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    hold(latch);
    CompletableFuture<Integer> waiting = soon(() -> commits.write(insert(1)));
    untilQueued(1);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(commits::close, callers);
    latch.countDown();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isOne();
    closing.get(10, TimeUnit.SECONDS);
    assertThatExceptionOfType(StorageUnavailable.class).isThrownBy(() -> commits.write(insert(2)));
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> soon(() -> commits.write(insert(2))).join())
        .withCauseInstanceOf(StorageUnavailable.class);
  }

  @Test
  void a_read_that_fails_is_the_databases_fault() {
    assertThatExceptionOfType(StorageUnavailable.class)
        .isThrownBy(() -> commits.read(handle -> handle.execute("SELECT * FROM nowhere")));
  }
}
