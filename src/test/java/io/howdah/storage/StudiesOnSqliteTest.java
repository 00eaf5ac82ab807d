package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class StudiesOnSqliteTest extends StudiesContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onSqlite();

  @Override
  Database database() {
    return DATABASE.get();
  }

  @Override
  int waiting() {
    return ((GroupCommit) database().transactions()).queued();
  }
}
