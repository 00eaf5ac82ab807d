package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class ScrubLedgerOnSqliteTest extends ScrubLedgerContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onSqlite();

  @Override
  Database database() {
    return DATABASE.get();
  }
}
