package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class UploadLedgerOnPostgresTest extends UploadLedgerContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onPostgres();

  @Override
  Database database() {
    return DATABASE.get();
  }
}
