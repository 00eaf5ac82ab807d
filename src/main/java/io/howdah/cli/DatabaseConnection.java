package io.howdah.cli;

import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.SQLiteConfig;

/** The gateway's database as a command sees it beside a running gateway: only to read. */
final class DatabaseConnection {
  private DatabaseConnection() {}

  /**
   * @throws IOException when the password's file cannot be read
   * @throws SQLException when the database does not answer
   */
  static Connection readOnly(Settings.Database settings) throws IOException, SQLException {
    if (settings.isSqlite()) {
      SQLiteConfig config = new SQLiteConfig();
      config.setReadOnly(true);
      config.setBusyTimeout(5_000);
      return config.createConnection(settings.url());
    }
    Properties login = new Properties();
    login.setProperty("connectTimeout", "5");
    login.setProperty("socketTimeout", "10");
    if (!settings.user().isEmpty()) {
      login.setProperty("user", settings.user());
    }
    if (settings.passwordFile().isPresent()) {
      login.setProperty("password", Files.readString(settings.passwordFile().get()).strip());
    }
    Connection connection = DriverManager.getConnection(settings.url(), login);
    connection.setReadOnly(true);
    return connection;
  }
}
