package io.howdah.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.events.Outbox.Message;
import io.howdah.events.Outbox.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * A receiver that is away costs the outbox nothing but time, and one it refuses blocks no other.
 */
class BacklogTest {
  private static final Message FIRST =
      new Message(1, Target.STATUS_SERVICE, "status", "a", 1, "{}");
  private static final Message SECOND =
      new Message(2, Target.STATUS_SERVICE, "status", "b", 1, "{}");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final Memory outbox = new Memory();
  private final Backlog backlog = new Backlog(outbox, Target.STATUS_SERVICE, nanos::get);

  @Test
  void what_was_told_is_not_told_again() throws IOException {
    backlog.answered(FIRST, 200);
    assertThat(backlog.due()).containsExactly(SECOND);
    backlog.told(SECOND);
    assertThat(backlog.due()).isEmpty();
  }

  @Test
  void a_receiver_that_is_away_is_left_alone_twice_as_long_each_time_but_never_longer_than_5_s() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      backlog.away(new IOException("refused"));
      long from = nanos.get();
      while (backlog.due().isEmpty()) {
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
      }
      waits.add(Duration.ofNanos(nanos.get() - from).toMillis());
    }
    assertThat(waits).containsExactly(200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
  }

  @Test
  void one_that_is_back_gets_the_rest_at_once() {
    backlog.away(new IOException("refused"));
    nanos.addAndGet(Duration.ofMillis(200).toNanos());
    backlog.told(FIRST);
    assertThat(backlog.due()).containsExactly(SECOND);
  }

  @Test
  void an_answer_about_the_receiver_keeps_the_message() {
    for (int status : new int[] {500, 503, 429, 408, 401, 403, 404, 302}) {
      assertThatThrownBy(() -> backlog.answered(FIRST, status))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(status));
    }
    assertThat(backlog.due()).containsExactly(FIRST, SECOND);
  }

  @Test
  void a_message_that_is_refused_for_good_lets_the_next_one_through() throws IOException {
    backlog.answered(FIRST, 422);
    assertThat(backlog.due()).containsExactly(SECOND);
  }

  private static final class Memory implements Outbox {
    private final List<Message> unsent = new ArrayList<>(List.of(FIRST, SECOND));

    @Override
    public List<Message> unsent(Target target, int limit) {
      return List.copyOf(unsent);
    }

    @Override
    public void sent(List<Message> messages) {
      unsent.removeAll(messages);
    }

    @Override
    public int forget(Duration retention) {
      return 0;
    }

    @Override
    public Outbox.Backlog backlog(Target target) {
      throw new UnsupportedOperationException();
    }
  }
}
