package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When the hub is looked for, and when it is left alone. */
class HubCircuitTest {
  private final AtomicLong nanos = new AtomicLong(3);
  private final HubCircuit circuit = new HubCircuit(nanos::get, Duration.ofSeconds(10));

  private void after(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void trouble_is_news_once_and_so_is_its_end() {
    assertThat(circuit.isClosed()).isTrue();
    assertThat(circuit.open(HubTrouble.away("gone"))).isTrue();
    assertThat(circuit.open(HubTrouble.away("gone"))).isFalse();
    assertThat(circuit.isClosed()).isFalse();
    assertThat(circuit.close()).isTrue();
    assertThat(circuit.close()).isFalse();
    assertThat(circuit.isProbeDue()).isFalse();
  }

  @Test
  void a_hub_that_is_away_is_looked_for_at_once_and_then_ever_more_seldom_up_to_the_limit() {
    circuit.open(HubTrouble.away("gone"));
    assertThat(circuit.isProbeDue()).isTrue();
    assertThat(circuit.isProbeDue()).as("not twice").isFalse();
    int probes = 0;
    for (int second = 0; second < 600; second++) {
      after(Duration.ofSeconds(1));
      probes += circuit.isProbeDue() ? 1 : 0;
    }
    assertThat(probes).as("ten minutes, every five to ten seconds").isBetween(58, 125);
    after(Duration.ofSeconds(10));
    assertThat(circuit.isProbeDue()).as("the limit is kept").isTrue();
  }

  @Test
  void who_asks_to_be_left_alone_is_but_never_longer_than_the_limit() {
    circuit.open(HubTrouble.busy("later", Optional.of(Duration.ofSeconds(4))));
    assertThat(circuit.isProbeDue()).isFalse();
    after(Duration.ofSeconds(4));
    assertThat(circuit.isProbeDue()).isTrue();
    circuit.close();
    circuit.open(HubTrouble.busy("later", Optional.of(Duration.ofDays(1))));
    after(Duration.ofSeconds(10));
    assertThat(circuit.isProbeDue()).isTrue();
  }
}
