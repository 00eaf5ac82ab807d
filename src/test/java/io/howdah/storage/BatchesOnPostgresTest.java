package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.MutableClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BatchesOnPostgresTest extends BatchesContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onPostgres();

  @Override
  Database database() {
    return DATABASE.get();
  }

  @Test
  void time_is_the_servers_whatever_this_machines_clock_says() {
    MutableClock wrong = new MutableClock();
    long before = System.currentTimeMillis();
    long told = database().transactions().read(DatabaseTime.of(database(), wrong)::now);
    assertThat(told).isBetween(before - 60_000, before + 60_000).isNotEqualTo(wrong.millis());
  }
}
