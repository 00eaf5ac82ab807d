package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementCustomizer;
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

  @Test
  void a_text_is_prepared_once_whether_its_parameters_have_names_or_not() {
    try (Handle handle = Jdbi.create("jdbc:sqlite:" + directory.resolve("a.db")).open()) {
      handle.setStatementBuilder(new KeptStatements());
      Set<Statement> statements = Collections.newSetFromMap(new IdentityHashMap<>());
      handle
          .getConfig(SqlStatements.class)
          .addCustomizer(
              new StatementCustomizer() {
                @Override
                public void beforeExecution(PreparedStatement statement, StatementContext context) {
                  statements.add(statement);
                }
              });
      handle.execute("CREATE TABLE kept (id INTEGER)");
      statements.clear();
      for (int i = 0; i < 3; i++) {
        handle.createUpdate("INSERT INTO kept VALUES (:id)").bind("id", i).execute();
        handle
            .createQuery("SELECT id FROM kept WHERE id = :id")
            .bind("id", i)
            .mapTo(Integer.class)
            .one();
        handle.execute("DELETE FROM kept WHERE id = ?", i);
      }
      assertThat(statements).hasSize(3);
    }
  }

  private static int synchronous(Handle handle) {
    return handle.createQuery("PRAGMA synchronous").mapTo(Integer.class).one();
  }
}
