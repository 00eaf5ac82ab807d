package io.howdah.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlacesTest {
  @Test
  void when_all_places_are_taken_the_highest_priority_is_next() {
    Places places = new Places(2);
    assertThat(places.take("a", 5)).isTrue();
    assertThat(places.take("b", 5)).isTrue();
    assertThat(places.take("low", 1)).isFalse();
    assertThat(places.take("high", 9)).isFalse();
    assertThat(places.take("low", 1)).isFalse();
    assertThat(places.release("a")).isEqualTo(Optional.of("high"));
    assertThat(places.take("low", 1)).isFalse();
    assertThat(places.take("a", 5)).isFalse();
    assertThat(places.take("high", 9)).isTrue();
    assertThat(places.release("b")).isEqualTo(Optional.of("a"));
    assertThat(places.release("high")).isEqualTo(Optional.of("a"));
    assertThat(places.take("low", 1)).isTrue();
    assertThat(places.take("a", 5)).isTrue();
    assertThat(places.release("a")).isEmpty();
  }
}
