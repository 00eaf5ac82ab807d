package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.settings.Settings;
import io.howdah.support.MutableClock;
import io.howdah.support.PostgresServer;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BatchesOnPostgresTest extends BatchesContract {
  private static Database database;

  @BeforeAll
  static void open() {
    database =
        Database.open(new Settings.Database(PostgresServer.newDatabase(), "", Optional.empty(), 8));
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Override
  Database database() {
    return database;
  }

  @Test
  void time_is_the_servers_whatever_this_machines_clock_says() {
    MutableClock wrong = new MutableClock();
    long before = System.currentTimeMillis();
    long told = database.transactions().read(DatabaseTime.of(database, wrong)::now);
    assertThat(told).isBetween(before - 60_000, before + 60_000).isNotEqualTo(wrong.millis());
  }
}
