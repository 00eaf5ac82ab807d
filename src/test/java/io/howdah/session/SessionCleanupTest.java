package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.audit.AuditEntry;
import io.howdah.disk.Disk;
import io.howdah.session.LocalStore.Arrived;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.LocalState;
import io.howdah.session.Sessions.Note;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import io.howdah.storage.SqlSessions;
import io.howdah.support.MutableClock;
import io.howdah.support.RunningGateway;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which copies may go, and when; rows never do. */
class SessionCleanupTest {
  private static final Note NOTE = new Note("test", "transition", "as the test wants");

  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private Database database;
  private Sessions sessions;
  private LocalStore store;
  private SessionCleanup cleanup;
  private int serial;

  @BeforeEach
  void open() throws IOException {
    database =
        Database.open(
            new Settings.Database(
                "jdbc:sqlite:" + directory.resolve("howdah.db"), "", Optional.empty(), 4));
    sessions = new SqlSessions(database, "test", Duration.ofSeconds(30));
    Settings.Sessions settings =
        new Settings.Sessions(
            directory.resolve("store"),
            List.of(),
            1000,
            10,
            10,
            5,
            Duration.ofDays(7),
            Optional.empty());
    store = new LocalStore(settings, new Disk(), Optional.empty());
    cleanup = new SessionCleanup(sessions, store, settings.retention(), clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Session created() throws IOException {
    serial++;
    byte[] bytes = ("file " + serial).getBytes(StandardCharsets.UTF_8);
    try (Arrived arrived = store.take(Channels.newChannel(new ByteArrayInputStream(bytes)), 1000)) {
      arrived.publish();
      return sessions
          .create(
              new SessionFacts(
                  UUID.randomUUID().toString(),
                  "7",
                  serial,
                  "a",
                  "b",
                  arrived.size(),
                  arrived.sha256(),
                  "{}",
                  0,
                  Optional.empty(),
                  5,
                  arrived.name(),
                  false,
                  clock.instant()),
              "test",
              clock.instant())
          .session();
    }
  }

  private Session saved(Session next) {
    return sessions.save(next, NOTE).orElseThrow();
  }

  private Session synced() throws IOException {
    Instant now = clock.instant();
    Session session = saved(created().announcing(now));
    session = saved(session.announced("/1", Optional.empty(), now));
    return saved(saved(session.sending(now)).synced(now));
  }

  private Session acknowledged(Optional<String> sha256) throws IOException {
    Session session = synced();
    return saved(
        session.acknowledged(
            new Ack(
                1,
                sha256.map(text -> text.isEmpty() ? session.facts().sha256() : text),
                clock.instant())));
  }

  private boolean isThere(Session session) {
    return Files.exists(store.directory().resolve(session.facts().localName()));
  }

  @Test
  void a_copy_goes_after_its_time_and_its_row_stays() throws IOException {
    Session session = acknowledged(Optional.of(""));
    assertThat(session.isSafeToDelete()).isTrue();
    clock.advance(Duration.ofDays(6));
    assertThat(cleanup.cleanup()).isZero();
    assertThat(isThere(session)).isTrue();
    clock.advance(Duration.ofDays(2));
    assertThat(cleanup.cleanup()).isOne();
    assertThat(isThere(session)).isFalse();
    assertThat(sessions.find(session.id()).orElseThrow().progress().localState())
        .isEqualTo(LocalState.DELETED);
    assertThat(new SqlAudit(database).of(session.id()))
        .extracting(AuditEntry::what)
        .endsWith("deleting", "deleted");
    assertThat(cleanup.cleanup()).as("once").isZero();
  }

  @Test
  void no_copy_goes_without_an_acknowledgement_of_the_very_bytes() throws IOException {
    List<Session> kept =
        List.of(
            created(),
            synced(),
            acknowledged(Optional.empty()),
            acknowledged(Optional.of("0".repeat(64))),
            saved(created().failed("X", "x", clock.instant())),
            saved(created().cancelled(clock.instant())));
    clock.advance(Duration.ofDays(365));
    assertThat(cleanup.cleanup()).isZero();
    assertThat(kept).allMatch(this::isThere).noneMatch(Session::isSafeToDelete);
  }

  @Test
  void a_copy_that_is_not_what_was_acknowledged_is_kept() throws IOException {
    Session changed = acknowledged(Optional.of(""));
    Session linked = acknowledged(Optional.of(""));
    Path file = store.directory().resolve(changed.facts().localName());
    Files.writeString(file, "others");
    Path link = store.directory().resolve(linked.facts().localName());
    Path elsewhere = Files.move(link, directory.resolve("elsewhere"));
    Files.createSymbolicLink(link, elsewhere);
    clock.advance(Duration.ofDays(8));
    assertThat(cleanup.cleanup()).isZero();
    assertThat(isThere(changed)).isTrue();
    assertThat(elsewhere).exists();
  }

  @Test
  void a_deletion_that_a_crash_cut_short_is_ended() throws IOException {
    Session before =
        saved(acknowledged(Optional.of("")).local(LocalState.DELETING, clock.instant()));
    Session after =
        saved(acknowledged(Optional.of("")).local(LocalState.DELETING, clock.instant()));
    Files.delete(store.directory().resolve(after.facts().localName()));
    assertThat(cleanup.cleanup()).isEqualTo(2);
    assertThat(isThere(before)).isFalse();
    assertThat(sessions.find(after.id()).orElseThrow().progress().localState())
        .isEqualTo(LocalState.DELETED);
  }

  @Test
  void files_of_sessions_that_never_were_go_after_an_hour() throws IOException {
    Session session = created();
    Path orphan = Files.writeString(store.directory().resolve(UUID.randomUUID().toString()), "x");
    Path part = Files.writeString(store.directory().resolve(".arriving/x.part"), "x");
    for (Path file :
        List.of(orphan, part, store.directory().resolve(session.facts().localName()))) {
      Files.setLastModifiedTime(file, FileTime.from(clock.instant().minus(Duration.ofMinutes(59))));
    }
    cleanup.cleanup();
    assertThat(orphan).exists();
    clock.advance(Duration.ofMinutes(2));
    cleanup.cleanup();
    assertThat(orphan).doesNotExist();
    assertThat(part).doesNotExist();
    assertThat(RunningGateway.names(store.directory()))
        .containsExactly(session.facts().localName());
  }
}
