package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.hub.AnnouncedFile;
import io.howdah.hub.Attribute;
import io.howdah.hub.Attribute.Level;
import io.howdah.hub.HubUpload;
import io.howdah.hub.Image;
import io.howdah.hub.Manifest;
import io.howdah.hub.Manifests;
import io.howdah.hub.PacsIndex;
import io.howdah.hub.PacsIndex.Match;
import io.howdah.hub.UploadState;
import io.howdah.hub.Uploads;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the hub's rows promise, on every database. */
abstract class UploadsContract {
  private static final Uploads.Allowance PLENTY = new Uploads.Allowance(1000, 1L << 40);

  private final MutableClock clock = new MutableClock();
  private final String principal = "p" + UUID.randomUUID().toString().substring(0, 8);
  private Uploads uploads;
  private Manifests manifests;
  private PacsIndex index;

  abstract Database database();

  @BeforeEach
  void make() {
    uploads = new SqlUploads(database());
    manifests = new SqlManifests(database());
    index = new SqlPacsIndex(database());
  }

  private static AnnouncedFile announced(String session, String sha256, long length) {
    return new AnnouncedFile(
        session,
        Optional.of("17"),
        123,
        length,
        length,
        sha256,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of("a.dcm"),
        "x");
  }

  private static String digest() {
    return (UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", "");
  }

  private static String uid() {
    return "1.2." + Math.abs(UUID.randomUUID().getMostSignificantBits());
  }

  private String create(AnnouncedFile announced) {
    Uploads.Creation creation =
        uploads.create(UUID.randomUUID().toString(), principal, announced, PLENTY, clock.instant());
    assertThat(creation).isInstanceOf(Uploads.Creation.Created.class);
    return ((Uploads.Creation.Created) creation).uploadId();
  }

  private HubUpload received(AnnouncedFile announced) {
    String id = create(announced);
    assertThat(move(id, UploadState.OPEN, UploadState.RECEIVED)).isTrue();
    return uploads.find(id).orElseThrow();
  }

  private boolean move(String id, UploadState from, UploadState to) {
    return uploads.move(id, from, to, Optional.empty(), clock.instant());
  }

  private static Image image(String study, String series, String sop, String sha256) {
    Map<Attribute, String> values = new EnumMap<>(Attribute.class);
    values.put(Attribute.STUDY_UID, study);
    values.put(Attribute.SERIES_UID, series);
    values.put(Attribute.SOP_INSTANCE_UID, sop);
    values.put(Attribute.SOP_CLASS_UID, "1.2.3");
    values.put(Attribute.PATIENT_ID, "P1");
    values.put(Attribute.PATIENT_NAME, "Müller^Ä");
    values.put(Attribute.STUDY_DATE, "20260101");
    values.put(Attribute.MODALITY, "CT");
    values.put(Attribute.ROWS, "512");
    return new Image(study, series, sop, "1.2.3", "1.2.840.10008.1.2.1", 10, sha256, values);
  }

  @Test
  void sixteen_creations_at_once_of_one_session_and_digest_are_one_upload() {
    AnnouncedFile announced = announced("s", digest(), 10);
    Set<String> ids = ConcurrentHashMap.newKeySet();
    Together.run(16, one -> ids.add(create(announced)));
    assertThat(ids).hasSize(1);
    assertThat(uploads.find(ids.iterator().next(), principal)).isPresent();
    assertThat(uploads.find(ids.iterator().next(), "another")).isEmpty();
  }

  @Test
  void an_open_upload_announced_in_another_form_is_in_the_way() {
    String sha256 = digest();
    String first = create(announced("s", sha256, 10));
    assertThat(uploads.create("x", principal, announced("s", sha256, 7), PLENTY, clock.instant()))
        .isEqualTo(new Uploads.Creation.InTheWay(first));
    move(first, UploadState.OPEN, UploadState.TERMINATED);
    assertThat(create(announced("s", sha256, 7))).isNotEqualTo(first);
  }

  @Test
  void a_state_is_left_by_one_only() {
    String id = create(announced("s", digest(), 10));
    AtomicInteger moved = new AtomicInteger();
    Together.run(
        8,
        one -> {
          if (move(id, UploadState.OPEN, UploadState.RECEIVED)) {
            moved.incrementAndGet();
          }
        });
    assertThat(moved).hasValue(1);
    assertThat(move(id, UploadState.OPEN, UploadState.TERMINATED)).isFalse();
  }

  @Test
  void what_one_principal_may_have_open_is_bounded_in_number_and_bytes() {
    Uploads.Allowance little = new Uploads.Allowance(2, 100);
    for (String session : List.of("a", "b")) {
      assertThat(
              uploads.create(
                  UUID.randomUUID().toString(),
                  principal,
                  announced(session, digest(), 40),
                  little,
                  clock.instant()))
          .isInstanceOf(Uploads.Creation.Created.class);
    }
    assertThat(uploads.create("c", principal, announced("c", digest(), 1), little, clock.instant()))
        .isInstanceOf(Uploads.Creation.TooMuch.class);
    assertThat(
            uploads.create(
                "c",
                principal,
                announced("c", digest(), 21),
                new Uploads.Allowance(9, 100),
                clock.instant()))
        .isInstanceOf(Uploads.Creation.TooMuch.class);
  }

  @Test
  void filing_twice_is_the_same_image_and_one_acknowledgement() {
    String sha256 = digest();
    HubUpload upload = received(announced("s", sha256, 10));
    Image image = image(uid(), uid(), uid(), sha256);
    Instant filed = clock.instant();
    Uploads.Filed first = uploads.file(upload, image, filed);
    clock.advance(Duration.ofSeconds(5));
    assertThat(uploads.file(upload, image, clock.instant())).isEqualTo(first);
    Uploads.Receipt receipt = uploads.receipt(upload.uploadId()).orElseThrow();
    assertThat(first).isEqualTo(new Uploads.Filed.Acknowledged(receipt.instanceId()));
    assertThat(receipt.acknowledgedAt()).isEqualTo(filed);
    assertThat(uploads.find(upload.uploadId()).orElseThrow().state())
        .isEqualTo(UploadState.ACKNOWLEDGED);
    assertThat(index.orders(image.studyUid())).containsExactly(123L);
  }

  @Test
  void of_two_images_under_one_uid_the_first_wins() {
    String sop = uid();
    HubUpload first = received(announced("a", digest(), 10));
    HubUpload second = received(announced("b", digest(), 10));
    Image one = image(uid(), uid(), sop, first.announced().sha256());
    Image other = image(uid(), uid(), sop, second.announced().sha256());
    assertThat(uploads.file(first, one, clock.instant()))
        .isInstanceOf(Uploads.Filed.Acknowledged.class);
    assertThat(uploads.file(second, other, clock.instant()))
        .isInstanceOf(Uploads.Filed.UidTaken.class);
    assertThat(uploads.find(second.uploadId()).orElseThrow().state())
        .isEqualTo(UploadState.RECEIVED);
    assertThat(index.stored(other.studyUid(), Optional.empty(), Optional.empty())).isEmpty();
    assertThat(
            index.search(
                new PacsIndex.Search(
                    Level.STUDY,
                    Optional.of(other.studyUid()),
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    10,
                    0)))
        .as("a study is there with its first image, and not before")
        .isEmpty();
  }

  @Test
  void what_waits_to_be_filed_comes_oldest_first_and_not_before_its_time() {
    HubUpload first = received(announced("a", digest(), 10));
    HubUpload second = received(announced("b", digest(), 10));
    assertThat(uploads.toFile(1000, clock.instant()))
        .containsSubsequence(first.uploadId(), second.uploadId());
    uploads.putOff(first.uploadId(), true, clock.instant().plusSeconds(10), clock.instant());
    assertThat(uploads.toFile(1000, clock.instant())).doesNotContain(first.uploadId());
    assertThat(uploads.find(first.uploadId()).orElseThrow().attempts()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(10));
    assertThat(uploads.toFile(1000, clock.instant())).contains(first.uploadId());
    assertThat(uploads.totals().received()).isGreaterThanOrEqualTo(2);
    assertThat(uploads.totals().oldestReceived().orElseThrow()).isBeforeOrEqualTo(clock.instant());
  }

  @Test
  void only_open_uploads_grow_old() {
    String old = create(announced("a", digest(), 10));
    String alive = create(announced("b", digest(), 10));
    clock.advance(Duration.ofDays(8));
    uploads.touch(alive, clock.instant());
    assertThat(uploads.openSince(Duration.ofDays(7), 1000, clock.instant()))
        .extracting(HubUpload::uploadId)
        .contains(old)
        .doesNotContain(alive);
  }

  @Test
  void a_search_takes_its_values_as_values() {
    HubUpload upload = received(announced("a", digest(), 10));
    Image image = image(uid(), uid(), uid(), upload.announced().sha256());
    uploads.file(upload, image, clock.instant());
    assertThat(found(image, new Match.Like(Attribute.PATIENT_NAME, "mü*")).size()).isLessThan(2);
    assertThat(found(image, new Match.Like(Attribute.PATIENT_ID, "p?"))).hasSize(1);
    assertThat(found(image, new Match.Like(Attribute.PATIENT_ID, "%"))).isEmpty();
    assertThat(found(image, new Match.Like(Attribute.PATIENT_ID, "p_"))).isEmpty();
    assertThat(found(image, new Match.AnyOf(Attribute.PATIENT_ID, List.of("' OR 1=1")))).isEmpty();
    assertThat(
            found(
                image,
                new Match.Range(
                    Attribute.STUDY_DATE, Optional.of("20251231"), Optional.of("20260101"))))
        .hasSize(1);
    assertThat(
            index.search(
                new PacsIndex.Search(
                    Level.INSTANCE,
                    Optional.of(image.studyUid()),
                    Optional.of(image.seriesUid()),
                    List.of(new Match.AnyOf(Attribute.ROWS, List.of("512"))),
                    List.of("CT"),
                    10,
                    0)))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row.values())
                    .containsEntry(Attribute.SOP_INSTANCE_UID, image.sopInstanceUid())
                    .containsEntry(Attribute.PATIENT_NAME, "Müller^Ä"));
  }

  private List<PacsIndex.Found> found(Image image, Match match) {
    return index.search(
        new PacsIndex.Search(
            Level.STUDY,
            Optional.of(image.studyUid()),
            Optional.empty(),
            List.of(match),
            List.of(),
            10,
            0));
  }

  @Test
  void a_manifest_is_kept_once_and_knows_its_files() {
    String sha256 = digest();
    HubUpload upload = received(announced("a", sha256, 10));
    Image image = image(uid(), uid(), uid(), sha256);
    Manifest manifest =
        new Manifest(
            "m",
            image.studyUid(),
            List.of(
                new Manifest.Entry("a", image.sopInstanceUid(), 10, sha256),
                new Manifest.Entry("b", uid(), 10, digest())));
    assertThat(manifests.keep(principal, manifest, "d".repeat(64), clock.instant()))
        .isEqualTo(Manifests.Kept.NEW);
    assertThat(manifests.keep(principal, manifest, "d".repeat(64), clock.instant()))
        .isEqualTo(Manifests.Kept.SAME);
    assertThat(manifests.keep(principal, manifest, "e".repeat(64), clock.instant()))
        .isEqualTo(Manifests.Kept.OTHER);
    assertThat(states()).containsExactly("receiving", "missing");
    uploads.file(upload, image, clock.instant());
    assertThat(states()).containsExactly("acknowledged", "missing");
    assertThat(manifests.find("another", "m")).isEmpty();
  }

  private List<String> states() {
    return manifests.find(principal, "m").orElseThrow().files().stream()
        .map(Manifests.FileProgress::state)
        .toList();
  }
}
