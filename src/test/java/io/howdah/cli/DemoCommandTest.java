package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.status.StudyState;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoCommandTest {
  @Test
  void a_study_that_moves_on_between_two_questions_is_shown_once() {
    Map<StudyState, Long> counts = new EnumMap<>(StudyState.class);
    for (StudyState state : StudyState.values()) {
      counts.put(state, 0L);
    }
    counts.put(StudyState.VALIDATED, 1L);
    counts.put(StudyState.DESCRIBED, 1L);
    counts.put(StudyState.ARCHIVED, 20L);

    assertThat(DemoCommand.plain(20, 20, counts))
        .contains("20 validated", "20 described", "20 archived");
  }
}
