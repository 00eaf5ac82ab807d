package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class DicomRecordsOnPostgresTest extends DicomRecordsContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onPostgres();

  @Override
  Database database() {
    return DATABASE.get();
  }
}
