package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A13: a client that floods is told to come later, and no other notices. */
class ClientRatesTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final ClientRates rates = new ClientRates(10, nanos::get);

  private int admitted(String client, int times) {
    return (int) IntStream.range(0, times).filter(i -> rates.admits(client)).count();
  }

  @Test
  void two_seconds_worth_may_come_at_once_and_then_as_many_as_the_rate_allows() {
    assertThat(admitted("a", 100)).isEqualTo(20);
    nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(admitted("a", 100)).isEqualTo(5);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(admitted("a", 100)).isEqualTo(20);
  }

  @Test
  void each_client_has_an_allowance_of_its_own() {
    admitted("a", 100);
    assertThat(admitted("b", 5)).isEqualTo(5);
  }

  @Test
  void clients_without_number_do_not_fill_the_memory_and_the_busy_one_stays_known() {
    admitted("busy", 20);
    for (int i = 0; i < 50_000; i++) {
      rates.admits("client " + i);
      if (i % 1_000 == 0) {
        assertThat(rates.admits("busy")).isFalse();
      }
    }
  }

  @Test
  void a_rate_of_nought_is_no_bound() {
    assertThat(IntStream.range(0, 10_000).allMatch(i -> new ClientRates(0, nanos::get).admits("a")))
        .isTrue();
  }

  @Test
  void a_flood_is_answered_429_with_the_time_to_come_again_and_counted(@TempDir Path base)
      throws IOException {
    try (RunningGateway gateway =
            RunningGateway.start(
                base, "howdah.roles", "gateway,status", "howdah.http.max-client-rate", "5");
        Wire wire = gateway.wire()) {
      Wire.Answer refused = null;
      for (int i = 0; i < 1_000 && refused == null; i++) {
        Wire.Answer answer = wire.send(Request.of("GET", "/status/none").bytes()).answer();
        refused = answer.status() == 429 ? answer : null;
        assertThat(answer.status()).isIn(404, 429);
      }
      assertThat(refused).isNotNull();
      assertThat(refused.text("code")).isEqualTo("TOO_MANY_REQUESTS");
      assertThat(refused.headers()).containsKey("retry-after");
      assertThat(gateway.metric("howdah_http_throttled_total")).isPositive();
      assertThat(gateway.metric("howdah_limit{setting=\"howdah.http.max-client-rate\"}"))
          .isEqualTo(5);
    }
  }
}
