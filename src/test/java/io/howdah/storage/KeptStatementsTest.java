package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptStatementsTest {
  @TempDir Path directory;

  @Test
  void a_pragma_is_obeyed_each_time_it_is_said() {
    try (Handle handle = Jdbi.create("jdbc:sqlite:" + directory.resolve("a.db")).open()) {
      handle.setStatementBuilder(new KeptStatements());
      for (int i = 0; i < 3; i++) {
        handle.execute("PRAGMA synchronous = NORMAL");
        assertThat(synchronous(handle)).isEqualTo(1);
        handle.execute("PRAGMA synchronous = FULL");
        assertThat(synchronous(handle)).isEqualTo(2);
      }
    }
  }

  private static int synchronous(Handle handle) {
    return handle.createQuery("PRAGMA synchronous").mapTo(Integer.class).one();
  }
}
