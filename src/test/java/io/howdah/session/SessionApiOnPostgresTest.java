package io.howdah.session;

import io.howdah.support.PostgresServer;

class SessionApiOnPostgresTest extends SessionApiContract {
  @Override
  String database() {
    return PostgresServer.newDatabase();
  }
}
