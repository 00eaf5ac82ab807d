package io.howdah.storage;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A database that does what a test wants before each statement: fail, or wait. */
final class FaultyDataSource implements DataSource {
  /** What happens before a statement. */
  interface Fault {
    void before(String sql) throws SQLException;
  }

  private final DataSource real;
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private volatile Fault fault = sql -> {};

  FaultyDataSource(DataSource real) {
    this.real = real;
  }

  void fault(Fault next) {
    fault = next;
  }

  /** Fails the next statement that begins so, once. */
  void failOnce(String beginning) {
    fault(
        sql -> {
          if (sql.startsWith(beginning)) {
            fault(then -> {});
            throw new SQLException("planted");
          }
        });
  }

  List<String> seen() {
    return seen;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = real.getConnection();
    return proxy(
        Connection.class,
        connection,
        (method, arguments, result) ->
            method.equals("prepareStatement")
                ? proxy(
                    PreparedStatement.class,
                    result,
                    (inner, none, out) -> out,
                    (String) arguments[0])
                : result,
        null);
  }

  /** What a call gives back in place of the real result. */
  private interface Result {
    Object of(String method, Object[] arguments, Object result);
  }

  private <T> T proxy(Class<T> type, Object behind, Result result, String sql) {
    return type.cast(
        Proxy.newProxyInstance(
            FaultyDataSource.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (sql != null && method.getName().startsWith("execute")) {
                seen.add(sql);
                fault.before(sql);
              }
              try {
                return result.of(method.getName(), arguments, method.invoke(behind, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getGlobal();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return real.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return real.isWrapperFor(type);
  }
}
