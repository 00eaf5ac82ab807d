package io.howdah.storage;

import org.junit.jupiter.api.extension.RegisterExtension;

class UploadsOnPostgresTest extends UploadsContract {
  @RegisterExtension static final OwnDatabase DATABASE = OwnDatabase.onPostgres();

  @Override
  Database database() {
    return DATABASE.get();
  }
}
