package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class StudiesOnPostgresTest extends StudiesContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onPostgres();

  @Override
  Database database() {
    return DATABASE.get();
  }

  @Override
  int waiting() {
    return database()
        .transactions()
        .read(
            handle ->
                handle
                    .createQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                    .mapTo(Integer.class)
                    .one());
  }
}
