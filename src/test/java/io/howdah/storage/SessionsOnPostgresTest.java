package io.howdah.storage;

import io.howdah.settings.Settings;
import io.howdah.support.PostgresServer;
import java.util.Optional;

class SessionsOnPostgresTest extends SessionsContract {
  @Override
  Database open() {
    return Database.open(
        new Settings.Database(PostgresServer.newDatabase(), "", Optional.empty(), 8));
  }
}
