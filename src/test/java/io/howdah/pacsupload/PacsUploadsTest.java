package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.CloudApi;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.MutableClock;
import io.howdah.support.PacsFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of rows when databases, neighbours and answers are not as one would wish. */
class PacsUploadsTest {

  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private CloudApi cloud;
  private PacsFixture pacs;

  @BeforeEach
  void prepare() throws Exception {
    cloud = CloudApi.contractA();
    pacs = new PacsFixture(directory);
  }

  @AfterEach
  void end() {
    cloud.close();
  }

  private Uploader uploader(String... more) throws IOException {
    return new Uploader(directory, pacs.environment(cloud), clock, more);
  }

  private void rounds(Uploader uploader, int count) {
    for (int i = 0; i < count; i++) {
      uploader.round();
      clock.advance(Duration.ofSeconds(2));
    }
  }

  @Test
  void defect_4_a_lock_while_marking_success_neither_sends_again_nor_strands() throws Exception {
    List<String> uids = pacs.images(3, 600);
    try (Uploader uploader =
            uploader(
                "HOWDAH_PACS_UPLOAD_BUSY_TIMEOUT", "50ms", "HOWDAH_PACS_UPLOAD_CONCURRENCY", "1");
        Connection neighbour = PacsFixture.open(pacs.database());
        Statement statement = neighbour.createStatement()) {
      cloud.script(
          request -> {
            lock(statement);
            return Fault.NONE;
          });
      uploader.round();
      assertThat(pacs.status(uids.get(0))).isEqualTo("UPLOADING");
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.LOCKED);
      statement.execute("ROLLBACK");
      cloud.all(Fault.NONE);
      rounds(uploader, 4);
      assertThat(pacs.count("COMPLETE")).isEqualTo(3);
      assertThat(cloud.requestsFor(uids.get(0))).isEqualTo(1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.USABLE);
    }
  }

  @Test
  void defect_4_a_lock_while_marking_failure_strands_no_row_and_aborts_no_batch() throws Exception {
    pacs.images(3, 600);
    try (Uploader uploader =
            uploader(
                "HOWDAH_PACS_UPLOAD_BUSY_TIMEOUT", "50ms", "HOWDAH_PACS_UPLOAD_CONCURRENCY", "1");
        Connection neighbour = PacsFixture.open(pacs.database());
        Statement statement = neighbour.createStatement()) {
      cloud.script(
          request -> {
            lock(statement);
            return Fault.STATUS_422;
          });
      uploader.round();
      statement.execute("ROLLBACK");
      cloud.all(Fault.NONE);
      rounds(uploader, 6);
      assertThat(pacs.count("COMPLETE")).isEqualTo(3);
    }
  }

  private static void lock(Statement statement) {
    try {
      statement.execute("BEGIN EXCLUSIVE");
    } catch (java.sql.SQLException e) {
      assertThat(e.getMessage()).contains("within a transaction");
    }
  }

  @Test
  void defect_5_two_processes_with_databases_of_their_own_never_send_a_row_twice()
      throws Exception {
    List<String> uids = pacs.images(60, 600);
    try (Uploader one = uploader();
        Uploader two = uploader("HOWDAH_DATA", directory.resolve("other").toString())) {
      CompletableFuture<Void> other = CompletableFuture.runAsync(() -> sixRounds(two));
      sixRounds(one);
      other.join();
      rounds(one, 4);
      assertThat(pacs.count("COMPLETE")).isEqualTo(60);
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
      }
    }
  }

  @Test
  void defect_5_two_processes_on_one_database_never_send_a_row_twice() throws Exception {
    List<String> uids = pacs.images(60, 600);
    try (Uploader one = uploader();
        Uploader two = uploader()) {
      CompletableFuture<Void> other = CompletableFuture.runAsync(() -> sixRounds(two));
      sixRounds(one);
      other.join();
      rounds(one, 4);
      assertThat(pacs.count("COMPLETE")).isEqualTo(60);
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
      }
    }
  }

  /**
   * Our claim waits for a neighbour's transaction and loses; while our lease, of the same second as
   * the neighbour's claim, is still being given back, the sweep comes by.
   */
  @Test
  void defect_5_a_row_that_a_neighbour_won_in_the_same_second_is_not_taken_from_under_its_hands()
      throws Exception {
    try (Uploader uploader = uploader();
        Connection neighbour = PacsFixture.open(pacs.database());
        Connection holder = PacsFixture.open(directory.resolve("data/howdah.db"));
        Statement claim = neighbour.createStatement();
        Statement hold = holder.createStatement()) {
      rounds(uploader, 1); // so that pacs.db is known to be writable
      String uid = pacs.images(1, 600).get(0);
      claim.execute("BEGIN IMMEDIATE");
      claim.execute(
          "UPDATE stored_instances SET upload_status = 'UPLOADING', upload_attempt_count = 1, last_upload_attempt = '"
              + PacsTime.text(clock.instant())
              + "'");
      CompletableFuture<List<Lane>> claimed =
          CompletableFuture.supplyAsync(() -> uploader.claims.claim(1_000, 60_000));
      await().until(() -> uploader.leases.isMine(uid));
      hold.execute("BEGIN IMMEDIATE");
      claim.execute("COMMIT");
      await().until(() -> !uploader.leases.isMine(uid));

      uploader.claims.takeUpAbandoned();
      assertThat(pacs.status(uid)).as("our lease is being given back").isEqualTo("UPLOADING");

      hold.execute("COMMIT");
      assertThat(claimed.get()).as("the neighbour has the only image").isEmpty();
      uploader.claims.takeUpAbandoned();
      assertThat(pacs.status(uid)).as("our lease is given back").isEqualTo("UPLOADING");
      assertThat(pacs.attempts(uid)).isEqualTo(1);
    }
  }

  private static void sixRounds(Uploader uploader) {
    for (int i = 0; i < 6; i++) {
      uploader.round();
      uploader.claims.takeUpAbandoned();
    }
  }

  @Test
  void another_systems_upload_is_left_alone_until_it_must_be_dead() throws Exception {
    String uid = pacs.images(1, 600).get(0);
    PacsFixture.sql(
        pacs.database(),
        "UPDATE stored_instances SET upload_status = 'UPLOADING', upload_attempt_count = 1, last_upload_attempt = '2026-11-21 10:00:00'");
    try (Uploader uploader = uploader()) {
      clock.advance(Duration.ofSeconds(30));
      uploader.claims.takeUpAbandoned();
      assertThat(pacs.status(uid)).isEqualTo("UPLOADING");
      clock.advance(Duration.ofSeconds(6));
      uploader.claims.takeUpAbandoned();
      assertThat(pacs.status(uid)).isEqualTo("PENDING");
      assertThat(pacs.attempts(uid)).isZero();
    }
  }

  @Test
  void a_pacs_db_that_is_locked_replaced_gone_damaged_or_read_only_is_named_and_survived()
      throws Exception {
    List<String> uids = pacs.images(4, 600);
    byte[] whole = checkpointed();
    try (Uploader uploader =
        uploader(
            "HOWDAH_PACS_UPLOAD_BUSY_TIMEOUT",
            "50ms",
            "UPLOAD_BATCH_SIZE",
            "1",
            "HOWDAH_PACS_UPLOAD_AHEAD",
            "1")) {
      rounds(uploader, 1);
      assertThat(pacs.count("COMPLETE")).isEqualTo(1);

      try (Connection neighbour = PacsFixture.open(pacs.database());
          Statement statement = neighbour.createStatement()) {
        statement.execute("BEGIN EXCLUSIVE");
        rounds(uploader, 1);
        assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.LOCKED);
        statement.execute("ROLLBACK");
      }
      rounds(uploader, 1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.USABLE);
      assertThat(pacs.count("COMPLETE")).isEqualTo(2);

      byte[] two = checkpointed();
      replaceBy(null);
      rounds(uploader, 1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.GONE);

      byte[] readOnly = two.clone();
      // a file format of the future: SQLite reads it and refuses to write it
      readOnly[18] = 3;
      replaceBy(readOnly);
      rounds(uploader, 1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.READ_ONLY);

      byte[] damaged = two.clone();
      java.util.Arrays.fill(damaged, 4096, damaged.length, (byte) 0x5a);
      replaceBy(damaged);
      rounds(uploader, 1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.CORRUPT);

      replaceBy(new byte[0]);
      rounds(uploader, 1);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.NOT_A_PACS);

      replaceBy(two);
      rounds(uploader, 12);
      assertThat(pacs.count("COMPLETE")).isEqualTo(4);
      assertThat(uploader.uploads.health().pacs()).isEqualTo(PacsCondition.USABLE);
      assertThat(uploader.uploads.health().replacements()).isGreaterThan(2);
      assertThat(pacs.count("FAILED")).isZero();

      replaceBy(whole);
      rounds(uploader, 8);
      assertThat(pacs.count("COMPLETE")).as("an older copy is worked through again").isEqualTo(4);
      for (String uid : uids) {
        assertThat(cloud.timesStored(uid)).isEqualTo(1);
      }
    }
  }

  private byte[] checkpointed() throws Exception {
    PacsFixture.query(pacs.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    return Files.readAllBytes(pacs.database());
  }

  private void replaceBy(byte[] bytes) throws IOException {
    for (String suffix : List.of("-wal", "-shm", "")) {
      Files.deleteIfExists(Path.of(pacs.database() + suffix));
    }
    if (bytes != null) {
      Path next = Files.write(pacs.database().resolveSibling("next.db"), bytes);
      Files.move(next, pacs.database(), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  @Test
  void an_older_schema_gets_the_contracted_columns_and_nothing_else() throws Exception {
    String uid = pacs.images(1, 600).get(0);
    try (Connection connection = PacsFixture.open(pacs.database());
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE old (sop_instance_uid TEXT PRIMARY KEY, storage_path TEXT NOT NULL UNIQUE, file_size INTEGER NOT NULL,
            storage_hash TEXT NOT NULL, patient_id TEXT, patient_name TEXT, accession_number TEXT, status TEXT DEFAULT 'STORED',
            created_at TEXT DEFAULT CURRENT_TIMESTAMP, source_aet TEXT)""");
      statement.execute(
          "INSERT INTO old SELECT sop_instance_uid, storage_path, file_size, storage_hash, patient_id, patient_name, accession_number, status, created_at, source_aet FROM stored_instances");
      statement.execute("DROP TABLE stored_instances");
      statement.execute("ALTER TABLE old RENAME TO stored_instances");
    }
    try (Uploader uploader = uploader()) {
      uploader.round();
      assertThat(pacs.status(uid)).isEqualTo("COMPLETE");
    }
    assertThat(
            PacsFixture.query(
                pacs.database(),
                "SELECT group_concat(name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"))
        .isEqualTo("stored_instances,idx_upload_status");
    assertThat(PacsFixture.query(pacs.database(), "PRAGMA journal_mode")).isEqualTo("wal");
  }

  @Test
  void a_journal_mode_that_is_not_wal_is_left_as_it_is() throws Exception {
    pacs.images(1, 600);
    PacsFixture.query(pacs.database(), "PRAGMA journal_mode = DELETE");
    try (Uploader uploader = uploader()) {
      uploader.round();
    }
    assertThat(pacs.count("COMPLETE")).isEqualTo(1);
    assertThat(PacsFixture.query(pacs.database(), "PRAGMA journal_mode")).isEqualTo("delete");
  }

  @Test
  void a_message_id_once_seen_survives_the_nightly_wipe_of_the_worklist() throws Exception {
    String uid = pacs.image();
    try (Uploader uploader = uploader()) {
      cloud.all(Fault.STATUS_503);
      uploader.round();
      String later = pacs.image();
      uploader.links.rememberPending();
      uploader.links.lookForMissing();
      PacsFixture.sql(pacs.worklist(), "DELETE FROM worklist_items");
      cloud.all(Fault.NONE);
      rounds(uploader, 5);
      assertThat(pacs.status(uid)).isEqualTo("COMPLETE");
      assertThat(pacs.status(later)).isEqualTo("COMPLETE");
    }
  }

  @Test
  void an_image_without_a_message_id_fails_after_its_wait_and_says_why() throws Exception {
    String uid = pacs.image("NEVER");
    try (Uploader uploader = uploader()) {
      uploader.round();
      for (int day = 0; day < 7; day++) {
        assertThat(pacs.status(uid)).isEqualTo("PENDING");
        clock.advance(Duration.ofDays(1));
        uploader.links.rememberPending();
        uploader.links.lookForMissing();
        uploader.round();
      }
      assertThat(pacs.status(uid)).isEqualTo("FAILED");
      assertThat(pacs.column(uid, "upload_error")).contains("no source message id", "PT168H");
      assertThat(cloud.requests()).isEmpty();

      pacs.message("NEVER", "late");
      assertThat(uploader.uploads.requeue(Optional.empty())).isEqualTo(1);
      rounds(uploader, 2);
      assertThat(pacs.status(uid)).isEqualTo("COMPLETE");
    }
  }

  @Test
  void an_ambiguous_answer_is_failed_only_at_the_end_of_its_schedule() throws Exception {
    cloud.close();
    cloud = CloudApi.contractB("secret");
    cloud.knowsOnly("someone-else");
    String uid = pacs.image();
    try (Uploader uploader =
        uploader(
            "CLOUD_API_CONTRACT",
            "v1",
            "CLOUD_API_TOKEN",
            "secret",
            "HOWDAH_PACS_UPLOAD_REPORT_FAILURES",
            "true")) {
      Duration waited = Duration.ZERO;
      while (!pacs.status(uid).equals("FAILED")) {
        uploader.round();
        clock.advance(Duration.ofMinutes(1));
        waited = waited.plusMinutes(1);
      }
      assertThat(cloud.requestsFor(uid)).isEqualTo(1 + 5 + 12 + 24);
      assertThat(waited).isBetween(Duration.ofHours(25), Duration.ofHours(26));
      assertThat(pacs.column(uid, "upload_error")).contains("http 500");
      cloud.knowsOnly("message-1");
      uploader.reports.send();
      assertThat(cloud.failures())
          .hasSize(1)
          .first()
          .asString()
          .startsWith("message-1 {\"error\":");
      uploader.reports.send();
      assertThat(cloud.failures()).hasSize(1);
    }
  }

  @Test
  void strict_compatibility_counts_as_the_original_does() throws Exception {
    String unlinked = pacs.image("NEVER");
    String sent = pacs.image();
    cloud.all(Fault.STATUS_503);
    try (Uploader uploader = uploader("UPLOAD_STRICT_COMPAT", "true")) {
      rounds(uploader, 12);
      assertThat(pacs.status(unlinked)).isEqualTo("FAILED");
      assertThat(pacs.status(sent)).isEqualTo("FAILED");
      assertThat(pacs.attempts(sent)).isEqualTo(3);
      assertThat(cloud.requestsFor(sent)).isEqualTo(3);
    }
  }

  @Test
  void an_image_the_cloud_has_already_fails_under_strict_compatibility_as_with_the_original()
      throws Exception {
    String uid = pacs.image();
    cloud.script(request -> cloud.requestsFor(uid) <= 1 ? Fault.DROP_AFTER_COMMIT : Fault.NONE);
    try (Uploader uploader = uploader("UPLOAD_STRICT_COMPAT", "true")) {
      rounds(uploader, 12);
      assertThat(pacs.status(uid)).isEqualTo("FAILED");
      assertThat(pacs.attempts(uid)).isEqualTo(3);
      assertThat(cloud.timesStored(uid)).isEqualTo(1);
    }
  }

  @Test
  void a_poison_image_fails_after_its_attempts_and_delays_none_of_two_hundred() throws Exception {
    List<String> good = pacs.images(100, 600);
    String poison = pacs.image();
    good.addAll(pacs.images(100, 600));
    cloud.script(request -> request.uid().equals(poison) ? Fault.STATUS_422 : Fault.NONE);
    try (Uploader uploader = uploader()) {
      while (pacs.count("COMPLETE") < good.size()) {
        assertThat(uploader.round()).as("no pause because of the poison").isTrue();
      }
      rounds(uploader, 6);
      assertThat(pacs.status(poison)).isEqualTo("FAILED");
      assertThat(pacs.attempts(poison)).isEqualTo(3);
      assertThat(cloud.requestsFor(poison)).isEqualTo(3);
      assertThat(cloud.requests()).hasSize(203);
    }
  }

  @Test
  void a_lost_201_for_every_image_stores_each_once_and_completes_all() throws Exception {
    List<String> uids = pacs.images(60, 600);
    cloud.script(
        request -> cloud.requestsFor(request.uid()) <= 1 ? Fault.DROP_AFTER_COMMIT : Fault.NONE);
    try (Uploader uploader = uploader()) {
      for (int i = 0; i < 600 && pacs.count("COMPLETE") < uids.size(); i++) {
        rounds(uploader, 1);
      }
      assertThat(pacs.count("COMPLETE")).isEqualTo(uids.size());
      for (String uid : uids) {
        assertThat(cloud.timesStored(uid)).isEqualTo(1);
        assertThat(pacs.attempts(uid)).isEqualTo(1);
      }
    }
  }

  @Test
  void a_token_that_expires_costs_no_image_an_attempt_and_a_new_one_is_used_at_once()
      throws Exception {
    cloud.close();
    cloud = CloudApi.contractB("new");
    List<String> uids = pacs.images(30, 600);
    Path token = Files.writeString(directory.resolve("token"), "expired\n");
    try (Uploader uploader =
        uploader("CLOUD_API_CONTRACT", "v1", "HOWDAH_PACS_UPLOAD_TOKEN_FILE", token.toString())) {
      rounds(uploader, 30);
      assertThat(uploader.uploads.health().code()).isEqualTo("CLOUD_REFUSES");
      assertThat(pacs.count("PENDING")).isEqualTo(uids.size());
      assertThat(cloud.requests().size()).as("one image at a time tries").isLessThan(uids.size());
      Files.writeString(token, "new\n");
      for (int i = 0; i < 60 && pacs.count("COMPLETE") < uids.size(); i++) {
        rounds(uploader, 1);
      }
      assertThat(pacs.count("COMPLETE")).isEqualTo(uids.size());
      for (String uid : uids) {
        assertThat(pacs.attempts(uid)).isEqualTo(1);
      }
      assertThat(uploader.uploads.health().isWell()).isTrue();
    }
  }

  @Test
  void a_site_decides_in_its_own_table_what_an_answer_means() throws Exception {
    Path own = directory.resolve("own.yaml");
    Files.writeString(
        own,
        "source-message-header: {delivered: [201, 409], try-later: [422], ambiguous: [5xx]}\n");
    String uid = pacs.image();
    cloud.all(Fault.STATUS_422);
    try (Uploader uploader = uploader("HOWDAH_PACS_UPLOAD_OUTCOMES", own.toString())) {
      rounds(uploader, 60);
      assertThat(cloud.requestsFor(uid)).isGreaterThan(3);
      assertThat(pacs.status(uid)).isEqualTo("PENDING");
      assertThat(pacs.attempts(uid)).isZero();
    }
  }

  @Test
  void a_message_id_that_comes_days_late_between_two_wipes_is_enough() throws Exception {
    String uid = pacs.image("LATE");
    try (Uploader uploader = uploader()) {
      for (int night = 1; night <= 6; night++) {
        uploader.round();
        uploader.links.lookForMissing();
        assertThat(uploader.uploads.waiting(uid).map(Waiting::reason)).contains("AWAITING_LINK");
        assertThat(pacs.status(uid)).isEqualTo("PENDING");
        assertThat(pacs.attempts(uid)).isZero();
        clock.advance(Duration.ofDays(1));
        PacsFixture.sql(pacs.worklist(), "DELETE FROM worklist_items");
      }
      pacs.message("LATE", "late-message");
      uploader.links.lookForMissing();
      PacsFixture.sql(pacs.worklist(), "DELETE FROM worklist_items");
      rounds(uploader, 2);
      assertThat(pacs.status(uid)).isEqualTo("COMPLETE");
      assertThat(cloud.requests().get(0).header("X-Source-Message-ID")).isEqualTo("late-message");
    }
  }

  @Test
  void a_failure_report_is_told_until_the_cloud_takes_it_or_says_it_knows_no_such_message()
      throws Exception {
    cloud.close();
    cloud = CloudApi.contractB("secret");
    pacs.images(2, 600);
    cloud.all(Fault.STATUS_422);
    try (Uploader uploader =
        uploader(
            "CLOUD_API_CONTRACT",
            "v1",
            "CLOUD_API_TOKEN",
            "secret",
            "MAX_UPLOAD_RETRIES",
            "1",
            "HOWDAH_PACS_UPLOAD_REPORT_FAILURES",
            "true")) {
      rounds(uploader, 3);
      assertThat(pacs.count("FAILED")).isEqualTo(2);
      cloud.all(Fault.STATUS_502);
      uploader.reports.send();
      assertThat(cloud.failures()).isEmpty();
      cloud.all(Fault.NONE);
      cloud.knowsOnly("message-1");
      uploader.reports.send();
      assertThat(cloud.failures()).hasSize(1);
      long asked = cloud.requests().size();
      uploader.reports.send();
      assertThat(cloud.requests())
          .as("404 is an answer: no message to report to")
          .hasSize((int) asked);
    }
  }

  @Test
  void nothing_is_reported_unless_the_site_wants_it() throws Exception {
    cloud.close();
    cloud = CloudApi.contractB("secret");
    pacs.image();
    cloud.all(Fault.STATUS_422);
    try (Uploader uploader =
        uploader(
            "CLOUD_API_CONTRACT", "v1", "CLOUD_API_TOKEN", "secret", "MAX_UPLOAD_RETRIES", "1")) {
      rounds(uploader, 2);
      assertThat(pacs.count("FAILED")).isEqualTo(1);
      uploader.reports.send();
      assertThat(cloud.requests()).hasSize(1);
    }
  }

  @Test
  void on_a_line_so_slow_that_images_wait_long_for_their_turn_no_neighbour_takes_them_for_dead()
      throws Exception {
    List<String> uids = pacs.images(10, 600);
    AtomicBoolean looking = new AtomicBoolean();
    try (Uploader one = uploader("HOWDAH_PACS_UPLOAD_CONCURRENCY", "1");
        Uploader two = uploader("HOWDAH_DATA", directory.resolve("other").toString())) {
      cloud.script(
          request -> {
            // the neighbour's own uploads take no time, else they would outlast the slow one's
            // deadline
            if (request.bodyBytes() > 0
                && !request.uid().isEmpty()
                && looking.compareAndSet(false, true)) {
              one.outcomes.flush(); // what was sent before is recorded long before 20 s are over
              clock.advance(Duration.ofSeconds(20));
              two.claims.takeUpAbandoned();
              two.round();
              looking.set(false);
            }
            return Fault.NONE;
          });
      rounds(one, 3);
      assertThat(pacs.count("COMPLETE")).isEqualTo(uids.size());
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
      }
    }
  }

  @Test
  void what_was_claimed_and_not_begun_is_given_back_at_the_stop() throws Exception {
    pacs.images(30, 600);
    try (Uploader uploader = uploader()) {
      assertThat(uploader.claims.claim(1_000, 60_000)).hasSize(10);
      assertThat(pacs.count("UPLOADING")).isEqualTo(10);
    }
    assertThat(pacs.count("PENDING")).isEqualTo(30);
    assertThat(
            PacsFixture.query(
                pacs.database(), "SELECT MAX(upload_attempt_count) FROM stored_instances"))
        .isEqualTo("0");
    try (Uploader next = uploader()) {
      rounds(next, 4);
      assertThat(pacs.count("COMPLETE")).isEqualTo(30);
    }
  }

  @Test
  void while_all_goes_well_more_is_claimed_ahead_up_to_the_limit_and_after_a_failure_no_more()
      throws Exception {
    pacs.images(200, 600);
    try (Uploader uploader = uploader("HOWDAH_PACS_UPLOAD_AHEAD", "40")) {
      rounds(uploader, 5);
      uploader.claims.claim(1_000, 60_000);
      assertThat(pacs.count("UPLOADING")).isEqualTo(40);
    }
    try (Uploader uploader = uploader("HOWDAH_PACS_UPLOAD_AHEAD", "40")) {
      cloud.all(Fault.STATUS_503);
      rounds(uploader, 1);
      clock.advance(Duration.ofSeconds(60));
      uploader.claims.claim(1_000, 60_000);
      assertThat(pacs.count("UPLOADING")).isEqualTo(1);
    }
  }

  @Test
  void a_path_out_of_the_store_is_refused_and_nothing_is_read_or_sent() throws Exception {
    String uid = pacs.image();
    PacsFixture.sql(pacs.database(), "UPDATE stored_instances SET storage_path = '../worklist.db'");
    try (Uploader uploader = uploader()) {
      uploader.round();
      assertThat(pacs.status(uid)).isEqualTo("FAILED");
      assertThat(pacs.column(uid, "upload_error")).contains("leads out of the store");
      assertThat(cloud.requests()).isEmpty();
    }
  }

  @Test
  void a_store_that_is_not_mounted_costs_no_image_an_attempt() throws Exception {
    pacs.images(2, 600);
    Path away = pacs.storage().resolveSibling("unmounted");
    Files.move(pacs.storage(), away);
    try (Uploader uploader = uploader()) {
      rounds(uploader, 10);
      assertThat(pacs.count("PENDING")).isEqualTo(2);
      assertThat(uploader.uploads.health().storeTrouble()).contains("mounted");
      assertThat(uploader.uploads.health().isWell()).isFalse();
      Files.move(away, pacs.storage());
      clock.advance(Duration.ofSeconds(60));
      rounds(uploader, 2);
      assertThat(pacs.count("COMPLETE")).isEqualTo(2);
    }
  }

  @Test
  void genuine_databases_of_the_original_are_uploaded_whole() throws Exception {
    for (String name : List.of("nhs-pacs-storage", "nhs-pacs-dimse")) {
      Path shared =
          Path.of(System.getenv().getOrDefault("HOWDAH_SHARED", "../shared"), "data", name);
      Assumptions.assumeTrue(
          Files.isDirectory(shared), "skipped: " + name + " is not beside the project");
      Path copy = directory.resolve(name);
      copy(shared, copy);
      Map<String, String> environment = pacs.environment(cloud);
      environment.put("HOWDAH_DATA", copy.resolve("howdah").toString());
      environment.put("PACS_DB_PATH", copy.resolve("pacs.db").toString());
      environment.put("PACS_STORAGE_PATH", copy.resolve("storage").toString());
      environment.put("MWL_DB_PATH", copy.resolve("worklist.db").toString());
      String pending = "SELECT COUNT(*) FROM stored_instances WHERE upload_status = 'PENDING'";
      try (Uploader uploader = new Uploader(directory, environment, clock)) {
        rounds(uploader, 8);
        Map<String, Long> waits = uploader.uploads.waits();
        assertThat(PacsFixture.query(copy.resolve("pacs.db"), pending))
            .as(name + ": only what has no worklist row still waits")
            .isEqualTo(Long.toString(waits.getOrDefault("AWAITING_LINK", 0L)));
        assertThat(waits.getOrDefault("AWAITING_LINK", 0L)).isLessThanOrEqualTo(1);
        assertThat(uploader.uploads.counts()).doesNotContainKey("FAILED");
      }
    }
    assertThat(cloud.stored()).hasSizeGreaterThanOrEqualTo(20);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.write(target, Files.readAllBytes(file));
        }
      }
    }
  }
}
