package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class UploadLedgerOnSqliteTest extends UploadLedgerContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onSqlite();

  @Override
  Database database() {
    return DATABASE.get();
  }
}
