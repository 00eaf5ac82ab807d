package io.howdah.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.audit.AuditEntry;
import io.howdah.audit.AuditVerification;
import io.howdah.session.SessionState;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The trail of a site that has stopped, as its database file has it. */
public record SessionHistory(Path database) {
  private static final Pattern ATTEMPT = Pattern.compile("from byte (\\d+) of \\d+");

  private List<String> faults() {
    try (Database open = open()) {
      return AuditVerification.of(new SqlAudit(open), List.of()).faults();
    }
  }

  private Database open() {
    return Database.open(new Settings.Database("jdbc:sqlite:" + database, "", Optional.empty(), 2));
  }

  private List<AuditEntry> entries() {
    try (Database open = open()) {
      return new SqlAudit(open).after(0, 100_000);
    }
  }

  /**
   * Asserts that every session's changes lead from QUEUED to ACK_RECEIVED by legal steps and
   * without a gap, and that none was touched.
   */
  public void isComplete(int sessions) {
    assertThat(faults()).isEmpty();
    Map<String, SessionState> states = new HashMap<>();
    for (AuditEntry entry : entries()) {
      if (entry.to().isPresent()) {
        SessionState to = SessionState.valueOf(entry.to().get());
        SessionState before = states.put(entry.item(), to);
        assertThat(entry.from().map(SessionState::valueOf)).isEqualTo(Optional.ofNullable(before));
        assertThat(before == null ? to == SessionState.QUEUED : before.leadsTo(to)).isTrue();
      }
    }
    assertThat(states.values()).hasSize(sessions).containsOnly(SessionState.ACK_RECEIVED);
  }

  /** The bytes at which attempts to send began, in their order. */
  public List<Long> attempts() {
    return entries().stream()
        .map(entry -> ATTEMPT.matcher(entry.result()))
        .filter(Matcher::matches)
        .map(matcher -> Long.parseLong(matcher.group(1)))
        .toList();
  }

  /** Flips a bit of a random byte of it, past the triggers, and asserts that this is found. */
  public void tellsAFlippedByte(Random random) {
    List<AuditEntry> entries = entries();
    AuditEntry entry = entries.get(random.nextInt(entries.size()));
    StringBuilder result = new StringBuilder(entry.result());
    int at = random.nextInt(result.length());
    result.setCharAt(at, (char) (result.charAt(at) ^ 1));
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement drop = connection.createStatement();
        PreparedStatement change =
            connection.prepareStatement("UPDATE audit_entry SET result = ? WHERE seq = ?")) {
      drop.execute("DROP TRIGGER audit_entry_stays");
      change.setString(1, result.toString());
      change.setLong(2, entry.seq());
      assertThat(change.executeUpdate()).isOne();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(faults()).containsExactly("entry " + entry.seq() + " is not what was written");
  }
}
