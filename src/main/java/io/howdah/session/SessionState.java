package io.howdah.session;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where a session stands, and where it may go from there (contracts §2). The same transitions are
 * rows of {@code session_transition}, by which the database refuses every other.
 */
public enum SessionState {
  QUEUED("METADATA_UPLOADING", "CANCELLED", "FAILED"),
  METADATA_UPLOADING("METADATA_UPLOADED", "FAILED", "QUEUED"),
  METADATA_UPLOADED("BINARY_UPLOADING", "FAILED"),
  BINARY_UPLOADING("SYNCED", "FAILED"),
  SYNCED("ACK_RECEIVED", "FAILED"),
  ACK_RECEIVED,
  FAILED("QUEUED"),
  CANCELLED;

  private final Set<String> next;

  SessionState(String... next) {
    this.next = Set.of(next);
  }

  /** True when the contract has this transition. */
  public boolean leadsTo(SessionState other) {
    return next.contains(other.name());
  }

  /** True when nothing follows. */
  public boolean isTerminal() {
    return next.isEmpty();
  }

  /** True while the session is still to be brought to its end: neither terminal nor FAILED. */
  public boolean isPending() {
    return !isTerminal() && this != FAILED;
  }

  /** Every state that is {@linkplain #isPending() pending}. */
  public static List<SessionState> pending() {
    return Arrays.stream(values()).filter(SessionState::isPending).toList();
  }

  /** The state of that name, in whichever case. */
  public static Optional<SessionState> named(String text) {
    return Arrays.stream(values())
        .filter(state -> state.name().equals(text.strip().toUpperCase(Locale.ROOT)))
        .findFirst();
  }

  /** The name as people read it, such as {@code Metadata Uploading}. */
  public String display() {
    return Arrays.stream(name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(" "));
  }
}
