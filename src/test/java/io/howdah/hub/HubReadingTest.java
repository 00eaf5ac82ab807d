package io.howdah.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.http.Accept;
import io.howdah.hub.Attribute.Level;
import io.howdah.hub.PacsIndex.Match;
import io.howdah.support.TusSender;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the hub makes of headers and queries, without a wire. */
class HubReadingTest {
  private static Map<String, String> metadata() {
    Map<String, String> metadata = new HashMap<>();
    metadata.put("session_id", "s-1");
    metadata.put("radiology_order_id", "42");
    metadata.put("sha256", "AB".repeat(32));
    return metadata;
  }

  private static AnnouncedFile read(Map<String, String> metadata) throws Refused {
    return UploadMetadata.read(TusSender.encoded(metadata), 10);
  }

  @Test
  void metadata_are_read_with_their_defaults() throws Refused {
    AnnouncedFile file = read(metadata());
    assertThat(file.sha256()).isEqualTo("ab".repeat(32));
    assertThat(file.size()).isEqualTo(10);
    assertThat(file.encoding()).isEmpty();
    assertThat(file.filename()).isEmpty();
  }

  @Test
  void a_file_name_is_only_ever_shown() throws Refused {
    Map<String, String> metadata = metadata();
    metadata.put("filename", "../../etc/passwd\u0000\r\n\u202Egnp." + "x".repeat(5000));
    String name = read(metadata).filename().orElseThrow();
    assertThat(name).hasSize(255).startsWith("../../etc/passwdgnp.").doesNotContain("\n");
  }

  @Test
  void a_compressed_file_says_how_large_it_is() {
    Map<String, String> metadata = metadata();
    metadata.put("encoding", "zstd");
    assertThatExceptionOfType(Refused.class).isThrownBy(() -> read(metadata));
    metadata.put("size", "99");
    assertThat(fine(metadata).size()).isEqualTo(99);
  }

  private static AnnouncedFile fine(Map<String, String> metadata) {
    try {
      return read(metadata);
    } catch (Refused e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void pairs_that_repeat_or_are_not_base64_are_refused() {
    String good = TusSender.encoded(metadata());
    for (String wrong :
        List.of(
            good + ",session_id cy0x",
            good + ",x ???",
            good + ",x /w==", // no UTF-8
            good + ",\u00e9 eA==",
            "")) {
      assertThatExceptionOfType(Refused.class)
          .as(wrong)
          .isThrownBy(() -> UploadMetadata.read(wrong, 10));
    }
  }

  @Test
  void the_most_wanted_media_type_comes_first() {
    assertThat(
            Accept.ranges(
                "text/html;q=0.5, multipart/related; type=\"application/dicom\"; x=\"a,b;c\", image/*;q=0"))
        .extracting(Accept.Range::type)
        .containsExactly("multipart/related", "text/html");
    assertThat(
            Accept.ranges("multipart/related; Type=\"application/dicom\"; x=\"a,b;c\"")
                .get(0)
                .parameters())
        .containsEntry("type", "application/dicom")
        .containsEntry("x", "a,b;c");
    assertThat(Accept.ranges(null)).extracting(Accept.Range::type).containsExactly("*/*");
    assertThat(Accept.ranges(",".repeat(10_000))).isEmpty();
    assertThat(Accept.ranges("a/b,".repeat(10_000))).hasSizeLessThan(100);
  }

  @Test
  void a_range_of_bytes_is_within_the_file() {
    assertThat(ByteRange.of("bytes=0-9", 100)).contains(new ByteRange(0, 9));
    assertThat(ByteRange.of("bytes=90-", 100)).contains(new ByteRange(90, 99));
    assertThat(ByteRange.of("bytes=-5", 100)).contains(new ByteRange(95, 99));
    assertThat(ByteRange.of("bytes=-500", 100)).contains(new ByteRange(0, 99));
    assertThat(ByteRange.of("bytes=5-500", 100)).contains(new ByteRange(5, 99));
    assertThat(ByteRange.of("bytes=100-", 100).orElseThrow().isSatisfiable()).isFalse();
    assertThat(ByteRange.of("bytes=9-3", 100).orElseThrow().isSatisfiable()).isFalse();
    for (String ignored : new String[] {"bytes=-", "bytes=0-1,3-4", "items=0-1", "", null}) {
      assertThat(ByteRange.of(ignored, 100)).as(ignored).isEmpty();
    }
  }

  @Test
  void a_query_becomes_conditions() throws SearchQuery.Bad {
    SearchQuery query =
        SearchQuery.read(
            "PatientName=M*&00080020=20260101-&StudyTime=10-11&ModalitiesInStudy=CT,MR&limit=5000&offset=7&00104000=x",
            Level.STUDY,
            100);
    PacsIndex.Search search = query.search(Level.STUDY, Optional.empty(), Optional.empty());
    assertThat(search.matches())
        .containsExactly(
            new Match.Like(Attribute.PATIENT_NAME, "M*"),
            new Match.Range(Attribute.STUDY_DATE, Optional.of("20260101"), Optional.empty()),
            new Match.Range(Attribute.STUDY_TIME, Optional.of("10"), Optional.of("11~")));
    assertThat(search.modalities()).containsExactly("CT", "MR");
    assertThat(search.limit()).isEqualTo(100);
    assertThat(search.offset()).isEqualTo(7);
    assertThat(query.ignored()).containsExactly("00104000");
    assertThatExceptionOfType(SearchQuery.Bad.class)
        .isThrownBy(() -> SearchQuery.read("PatientID=%zz", Level.STUDY, 100));
    assertThatExceptionOfType(SearchQuery.Bad.class)
        .isThrownBy(() -> SearchQuery.read("PatientID=1&".repeat(200), Level.STUDY, 100));
  }

  private static final class Recorded implements Turns.Taker {
    private final List<String> order;
    private final String name;
    private boolean silent;

    Recorded(String name, List<String> order) {
      this.name = name;
      this.order = order;
    }

    @Override
    public void turn() {
      order.add(name);
    }

    @Override
    public boolean isSilent() {
      return silent;
    }

    @Override
    public void makeWay() {
      order.add(name + " leaves");
    }
  }

  @Test
  void turns_are_taken_one_at_a_time_in_order() {
    List<String> order = new ArrayList<>();
    Turns turns = new Turns();
    Recorded first = new Recorded("first", order);
    Recorded second = new Recorded("second", order);
    Recorded third = new Recorded("third", order);
    turns.take(first);
    turns.take(second);
    turns.take(third);
    assertThat(order).containsExactly("first");
    turns.hurry();
    first.silent = true;
    turns.hurry();
    assertThat(turns.giveUp(second)).isTrue();
    turns.leave(second);
    turns.leave(first);
    assertThat(turns.giveUp(third)).isFalse();
    turns.leave(third);
    turns.leave(third);
    assertThat(order).containsExactly("first", "first leaves", "third");
    assertThat(turns.isIdle()).isTrue();
  }
}
