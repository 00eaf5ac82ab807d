package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.audit.AuditEntry;
import io.howdah.audit.AuditTrail.Anchor;
import io.howdah.audit.AuditVerification;
import io.howdah.session.Manifest;
import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.LocalState;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Filter;
import io.howdah.session.Sessions.Note;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link Sessions} and the audit trail promise on every database. */
abstract class SessionsContract {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Note NOTE = new Note("test", "transition", "as the test wants");

  private final MutableClock clock = new MutableClock();
  private Database database;
  private Sessions sessions;
  private SqlAudit audit;

  /** An empty database of the kind under test. */
  abstract Database open();

  @BeforeEach
  void begin() {
    database = open();
    sessions = node("one");
    audit = new SqlAudit(database);
  }

  @AfterEach
  void end() {
    database.close();
  }

  private Sessions node(String name) {
    return new SqlSessions(database, name, LEASE);
  }

  private SessionFacts facts(long order, String sha256, int priority) {
    String id = UUID.randomUUID().toString();
    return new SessionFacts(
        id,
        "7",
        order,
        "a.dcm",
        "application/dicom",
        1000,
        sha256,
        "{}",
        priority,
        Optional.empty(),
        5,
        id,
        false,
        clock.instant());
  }

  private static String digest(int number) {
    return String.format("%064x", number);
  }

  private Session created(int number) {
    return sessions.create(facts(number, digest(number), 0), "test", clock.instant()).session();
  }

  private Session saved(Session next) {
    return sessions.save(next, NOTE).orElseThrow();
  }

  private Session acknowledged(int number, String sha256) {
    Instant now = clock.instant();
    Session session = saved(created(number).announcing(now));
    session = saved(session.announced("http://hub/1", Optional.empty(), now));
    session = saved(session.sending(now));
    session = saved(session.synced(now));
    return saved(session.acknowledged(new Ack(42, Optional.of(sha256), now)));
  }

  private void sql(String text) {
    database.transactions().write(handle -> handle.execute(text));
  }

  @Test
  void what_was_created_is_found_as_it_was() {
    Session session = created(1);
    assertThat(sessions.find(session.id())).contains(session);
    assertThat(sessions.find(UUID.randomUUID().toString())).isEmpty();
  }

  @Test
  void equal_bytes_for_an_order_are_one_session_while_it_lives() {
    Session first = created(1);
    Sessions.Creation again = sessions.create(facts(1, digest(1), 0), "test", clock.instant());
    assertThat(again.isNew()).isFalse();
    assertThat(again.session()).isEqualTo(first);
    assertThat(sessions.create(facts(2, digest(1), 0), "test", clock.instant()).isNew())
        .as("another order")
        .isTrue();
    saved(first.failed("X", "x", clock.instant()));
    assertThat(sessions.create(facts(1, digest(1), 0), "test", clock.instant()).isNew())
        .as("the first failed")
        .isTrue();
  }

  @Test
  void many_at_once_make_one_session() {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    AtomicInteger made = new AtomicInteger();
    Together.run(
        12,
        thread -> {
          for (int i = 0; i < 5; i++) {
            Sessions.Creation creation =
                sessions.create(facts(9, digest(9), 0), "test", clock.instant());
            ids.add(creation.session().id());
            if (creation.isNew()) {
              made.incrementAndGet();
            }
          }
        });
    assertThat(ids).hasSize(1);
    assertThat(made).hasValue(1);
    assertThat(AuditVerification.of(audit, List.of()).isIntact()).isTrue();
  }

  @Test
  void of_many_retries_at_once_one_wins() {
    Session failed = saved(created(1).failed("X", "x", clock.instant()));
    AtomicInteger won = new AtomicInteger();
    Together.run(
        20,
        thread -> {
          for (int i = 0; i < 5; i++) {
            sessions
                .save(failed.retried(clock.instant()), NOTE)
                .ifPresent(it -> won.incrementAndGet());
          }
        });
    assertThat(won).as("A28").hasValue(1);
    assertThat(sessions.find(failed.id()).orElseThrow().progress().retryCount()).isEqualTo(1);
  }

  @Test
  void a_failed_session_does_not_come_back_beside_another_with_its_bytes() {
    Session failed = saved(created(1).failed("X", "x", clock.instant()));
    created(1);
    assertThat(sessions.save(failed.retried(clock.instant()), NOTE)).isEmpty();
  }

  @Test
  void a_change_of_what_is_no_longer_so_changes_nothing() {
    Session seen = created(1);
    saved(seen.announcing(clock.instant()));
    assertThat(sessions.save(seen.cancelled(clock.instant()), NOTE)).isEmpty();
    assertThat(sessions.find(seen.id()).orElseThrow().state())
        .isEqualTo(SessionState.METADATA_UPLOADING);
  }

  @Test
  void every_state_may_go_where_the_contract_says_and_nowhere_else() {
    Set<List<String>> rows =
        database
            .transactions()
            .read(
                handle ->
                    Set.copyOf(
                        handle
                            .createQuery("SELECT from_state, to_state FROM session_transition")
                            .map((row, context) -> List.of(row.getString(1), row.getString(2)))
                            .list()));
    List<List<String>> enums = new ArrayList<>();
    for (SessionState from : SessionState.values()) {
      for (SessionState to : SessionState.values()) {
        if (from.leadsTo(to)) {
          enums.add(List.of(from.name(), to.name()));
        }
      }
    }
    assertThat(rows).containsExactlyInAnyOrderElementsOf(enums);
    String id = created(1).id();
    for (String illegal :
        List.of("SYNCED", "ACK_RECEIVED", "BINARY_UPLOADING", "METADATA_UPLOADED", "NOWHERE")) {
      assertThatThrownBy(
              () ->
                  sql(
                      "UPDATE upload_session SET state = '"
                          + illegal
                          + "' WHERE session_id = '"
                          + id
                          + "'"))
          .as("A25: QUEUED to " + illegal)
          .hasStackTraceContaining("does not go that way");
    }
  }

  @Test
  void the_database_itself_refuses_to_delete_or_edit() {
    created(1);
    for (String text :
        List.of(
            "DELETE FROM upload_session",
            "DELETE FROM audit_entry",
            "UPDATE audit_entry SET result = 'nothing'",
            "UPDATE upload_session SET file_name = 'other.dcm'",
            "UPDATE upload_session SET checksum = '" + digest(2) + "'",
            "UPDATE upload_session SET radiology_order_id = 2",
            "UPDATE upload_session SET created_at = 0")) {
      assertThatThrownBy(() -> sql(text))
          .as(text)
          .hasStackTraceContaining(text.contains("audit") ? "only added to" : "never");
    }
  }

  @Test
  void a_session_is_worked_on_by_one_process_until_it_lets_go() {
    Session session = created(1);
    Sessions other = node("two");
    assertThat(sessions.claimDue(clock.instant(), 10)).hasSize(1);
    assertThat(other.claimDue(clock.instant(), 10)).isEmpty();
    assertThat(other.claim(session.id(), clock.instant())).isEmpty();
    clock.advance(LEASE.minusSeconds(1));
    sessions.renewLeases(clock.instant());
    clock.advance(LEASE.minusSeconds(1));
    assertThat(other.claimDue(clock.instant(), 10)).as("the lease was renewed").isEmpty();
    sessions.release(session, clock.instant().plusSeconds(5));
    assertThat(other.claimDue(clock.instant(), 10)).as("its time has not come").isEmpty();
    assertThat(other.claim(session.id(), clock.instant())).as("asked for by name").isPresent();
  }

  @Test
  void a_worker_whose_lease_ran_out_cannot_change_what_another_works_on() {
    created(1);
    Session stale = sessions.claimDue(clock.instant(), 1).get(0);
    clock.advance(LEASE.plusSeconds(1));
    assertThat(node("two").claimDue(clock.instant(), 1)).hasSize(1);
    assertThat(sessions.save(stale.announcing(clock.instant()), NOTE)).isEmpty();
    sessions.progress(stale.at(500));
    assertThat(sessions.find(stale.id()).orElseThrow().progress().bytesUploaded()).isZero();
  }

  @Test
  void the_most_urgent_go_first_and_of_those_the_oldest() {
    String low = sessions.create(facts(1, digest(1), 0), "test", clock.instant()).session().id();
    String high = sessions.create(facts(2, digest(2), 5), "test", clock.instant()).session().id();
    String later = sessions.create(facts(3, digest(3), 5), "test", clock.instant()).session().id();
    assertThat(sessions.mostUrgentDue(clock.instant())).contains(5);
    assertThat(sessions.claimDue(clock.instant(), 2))
        .extracting(Session::id)
        .containsExactly(high, later);
    assertThat(sessions.claimDue(clock.instant(), 2)).extracting(Session::id).containsExactly(low);
    assertThat(sessions.mostUrgentDue(clock.instant())).isEmpty();
  }

  @Test
  void many_workers_take_every_session_once() {
    for (int i = 0; i < 60; i++) {
      created(i);
    }
    Set<String> taken = ConcurrentHashMap.newKeySet();
    AtomicInteger times = new AtomicInteger();
    Together.run(
        8,
        thread -> {
          Sessions mine = node("node" + thread);
          for (List<Session> some = mine.claimDue(clock.instant(), 3);
              !some.isEmpty();
              some = mine.claimDue(clock.instant(), 3)) {
            some.forEach(session -> taken.add(session.id()));
            times.addAndGet(some.size());
          }
        });
    assertThat(taken.size()).isEqualTo(times.get());
    assertThat(sessions.claimDue(clock.instant(), 60).size() + times.get()).isEqualTo(60);
  }

  @Test
  void lists_are_filtered_newest_first_and_counted() {
    Session first = created(1);
    Session second = created(2);
    saved(first.failed("X", "x", clock.instant()));
    Filter all = new Filter(Optional.of("7"), Optional.empty(), Set.of());
    assertThat(sessions.list(all, 10, 0))
        .extracting(Session::id)
        .containsExactly(second.id(), first.id());
    assertThat(sessions.list(all, 1, 1)).extracting(Session::id).containsExactly(first.id());
    assertThat(sessions.count(all)).isEqualTo(2);
    assertThat(sessions.count(new Filter(Optional.of("8"), Optional.empty(), Set.of()))).isZero();
    assertThat(
            sessions.count(new Filter(Optional.empty(), Optional.of(2L), SessionState.pending())))
        .isOne();
    assertThat(sessions.counts())
        .containsEntry(SessionState.FAILED, 1L)
        .containsEntry(SessionState.QUEUED, 1L);
  }

  @Test
  void only_acknowledged_files_with_an_equal_digest_are_ever_to_be_cleaned() {
    Session good = acknowledged(1, digest(1));
    acknowledged(2, digest(77));
    created(3);
    assertThat(sessions.toClean(clock.instant(), 10)).as("not yet").isEmpty();
    clock.advance(Duration.ofDays(8));
    assertThat(sessions.toClean(clock.instant(), 10))
        .extracting(Session::id)
        .containsExactly(good.id());
    saved(good.local(LocalState.DELETED, clock.instant()));
    assertThat(sessions.toClean(clock.instant(), 10)).isEmpty();
    assertThat(sessions.known(List.of(good.id(), "nobody"))).containsExactly(good.id());
  }

  @Test
  void a_manifest_is_kept_once() {
    SqlSessionManifests manifests = new SqlSessionManifests(database);
    Manifest manifest = new Manifest("m1", "7", "{\"study_uid\":\"1.2\"}", Optional.empty());
    assertThat(manifests.keep(manifest, clock.instant())).isTrue();
    assertThat(manifests.keep(manifest, clock.instant())).isTrue();
    assertThat(manifests.keep(new Manifest("m1", "7", "{}", Optional.empty()), clock.instant()))
        .isFalse();
    manifests.told("m1", clock.instant());
    assertThat(manifests.manifest("m1").orElseThrow().toldAt()).contains(clock.instant());
  }

  @Test
  void every_change_is_told_in_the_trail() {
    Session session = acknowledged(1, digest(1));
    sessions.note(
        session, new Note("test", "attempt", "with\ncontrol\0characters"), clock.instant());
    assertThat(audit.of(session.id()))
        .extracting(entry -> entry.from().orElse("-") + ">" + entry.to().orElse("-"))
        .containsExactly(
            "->QUEUED",
            "QUEUED>METADATA_UPLOADING",
            "METADATA_UPLOADING>METADATA_UPLOADED",
            "METADATA_UPLOADED>BINARY_UPLOADING",
            "BINARY_UPLOADING>SYNCED",
            "SYNCED>ACK_RECEIVED",
            "->-");
    AuditVerification verified = AuditVerification.of(audit, List.of());
    assertThat(verified.isIntact()).isTrue();
    assertThat(verified.entries()).isEqualTo(7);
  }

  /** A72: the triggers are gone, as for somebody who owns the database file. */
  private void withoutTriggers() {
    for (String trigger : List.of("audit_entry_stays", "audit_entry_remains")) {
      sql(
          "DROP TRIGGER "
              + trigger
              + (this instanceof SessionsOnPostgresTest ? " ON audit_entry" : ""));
    }
  }

  private List<String> faults(Anchor... anchors) {
    return AuditVerification.of(audit, List.of(anchors)).faults();
  }

  @Test
  void a_flipped_byte_in_any_column_is_found() {
    acknowledged(1, digest(1));
    withoutTriggers();
    for (String change :
        List.of(
            "at = at + 1",
            "who = 'Test'",
            "what = 'tronsition'",
            "item = 'x'",
            "from_state = 'FAILED'",
            "to_state = NULL",
            "result = 'as the test wantS'",
            "hash = '" + digest(5) + "'",
            "prev_hash = '" + digest(6) + "'")) {
      AuditEntry third = audit.after(2, 1).get(0);
      sql("UPDATE audit_entry SET " + change + " WHERE seq = 3");
      assertThat(faults()).as(change).isNotEmpty();
      sql(
          "UPDATE audit_entry SET at = "
              + third.at()
              + ", who = '"
              + third.who()
              + "', what = '"
              + third.what()
              + "', item = '"
              + third.item()
              + "', from_state = '"
              + third.from().orElseThrow()
              + "', to_state = '"
              + third.to().orElseThrow()
              + "', result = '"
              + third.result()
              + "', hash = '"
              + third.hash()
              + "', prev_hash = '"
              + third.previousHash()
              + "' WHERE seq = 3");
      assertThat(faults()).as(change + " undone").isEmpty();
    }
  }

  @Test
  void a_missing_a_doubled_and_two_swapped_entries_are_found() {
    acknowledged(1, digest(1));
    withoutTriggers();
    sql("UPDATE audit_entry SET seq = 99 WHERE seq = 2");
    sql("UPDATE audit_entry SET seq = 2 WHERE seq = 3");
    sql("UPDATE audit_entry SET seq = 3 WHERE seq = 99");
    assertThat(faults()).as("swapped").contains("entry 2 is not what was written");
    sql("UPDATE audit_entry SET seq = 99 WHERE seq = 2");
    sql("UPDATE audit_entry SET seq = 2 WHERE seq = 3");
    sql("UPDATE audit_entry SET seq = 3 WHERE seq = 99");
    assertThat(faults()).isEmpty();
    sql(
        "INSERT INTO audit_entry SELECT 7, at, who, what, item, from_state, to_state, result, prev_hash, hash FROM audit_entry WHERE seq = 4");
    assertThat(faults()).as("inserted").isNotEmpty();
    sql("DELETE FROM audit_entry WHERE seq = 7");
    sql("DELETE FROM audit_entry WHERE seq = 4");
    assertThat(faults()).as("deleted").contains("entry 4 is missing");
  }

  @Test
  void a_cut_tail_is_found_by_the_head_and_by_an_anchor_kept_elsewhere() {
    acknowledged(1, digest(1));
    Anchor kept = audit.head();
    withoutTriggers();
    sql("DELETE FROM audit_entry WHERE seq = 6");
    assertThat(faults()).contains("entry 6 is missing");
    sql(
        "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_entry WHERE seq = 5) WHERE id = 1");
    assertThat(faults()).as("the head was forged as well").isEmpty();
    assertThat(faults(kept)).as("but not the anchor").contains("entry 6 is missing");
    assertThat(Anchor.parse(kept.toString())).contains(kept);
  }

  @Test
  void a_trail_rewritten_as_a_whole_is_found_by_an_anchor() {
    acknowledged(1, digest(1));
    Anchor kept = audit.head();
    List<AuditEntry> entries = audit.after(0, 100);
    withoutTriggers();
    String previous = AuditEntry.GENESIS;
    for (AuditEntry entry : entries) {
      AuditEntry forged =
          AuditEntry.after(
              previous,
              entry.seq(),
              entry.at(),
              entry.who(),
              entry.what(),
              entry.item(),
              entry.from(),
              entry.to(),
              entry.result() + ".");
      sql(
          "UPDATE audit_entry SET result = '"
              + forged.result()
              + "', prev_hash = '"
              + forged.previousHash()
              + "', hash = '"
              + forged.hash()
              + "' WHERE seq = "
              + forged.seq());
      previous = forged.hash();
    }
    sql("UPDATE audit_head SET hash = '" + previous + "' WHERE id = 1");
    assertThat(faults()).isEmpty();
    assertThat(faults(kept)).isNotEmpty();
  }
}
