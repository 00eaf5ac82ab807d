package io.howdah.storage;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Keeps the writer connection's statements prepared, because the same few dozen texts are all it
 * ever runs. For one connection and one thread.
 */
final class KeptStatements implements StatementBuilder {
  private static final int LIMIT = 200;

  private final Map<String, PreparedStatement> idle = new HashMap<>();

  /**
   * The text each was prepared from: close is told the text before its parameters lost their names.
   */
  private final Map<Statement, String> busy = new IdentityHashMap<>();

  @Override
  public Statement create(Connection connection, StatementContext context) throws SQLException {
    return connection.createStatement();
  }

  @Override
  public PreparedStatement create(Connection connection, String sql, StatementContext context)
      throws SQLException {
    PreparedStatement kept = idle.remove(sql);
    PreparedStatement statement = kept == null ? connection.prepareStatement(sql) : kept;
    busy.put(statement, sql);
    return statement;
  }

  @Override
  public CallableStatement createCall(Connection connection, String sql, StatementContext context)
      throws SQLException {
    return connection.prepareCall(sql);
  }

  @Override
  public void close(Connection connection, String sql, Statement statement) throws SQLException {
    String prepared = busy.remove(statement);
    if (prepared != null
        && !prepared.startsWith("PRAGMA") // SQLite obeys one while it is prepared, not when it runs
        && idle.size() < LIMIT
        && statement instanceof PreparedStatement again
        && !idle.containsKey(prepared)) {
      again.clearParameters();
      idle.put(prepared, again);
    } else {
      statement.close();
    }
  }

  @Override
  public void close(Connection connection) {
    busy.clear();
    idle.clear(); // the connection closes them with itself
  }
}
