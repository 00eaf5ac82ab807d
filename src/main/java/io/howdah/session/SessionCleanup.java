package io.howdah.session;

import io.howdah.session.SessionProgress.LocalState;
import io.howdah.session.Sessions.Note;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The seed's cleanup_completed_sessions: removes the copies of acknowledged files after their time,
 * never a row; and files that a crash left without one.
 */
public final class SessionCleanup {
  private static final Logger LOG = LoggerFactory.getLogger(SessionCleanup.class);
  private static final String WHO = "cleanup";
  private static final int AT_ONCE = 500;

  /** What is younger may belong to a request that is under way. */
  private static final Duration UNDER_WAY = Duration.ofHours(1);

  private final Sessions sessions;
  private final LocalStore store;
  private final Duration retention;
  private final InstantSource clock;

  public SessionCleanup(
      Sessions sessions, LocalStore store, Duration retention, InstantSource clock) {
    this.sessions = sessions;
    this.store = store;
    this.retention = retention;
    this.clock = clock;
  }

  /** Removes what may go; how many copies it was. */
  public int cleanup() throws IOException {
    int removed = 0;
    List<Session> some = sessions.toClean(clock.instant().minus(retention), AT_ONCE);
    for (Session session : some) {
      if (remove(session)) {
        removed++;
      }
    }
    if (removed > 0) {
      LOG.info("copies of acknowledged files removed count={}", removed);
    }
    removeLeftovers();
    return removed;
  }

  /**
   * Row, then file, then row: whoever finds DELETING removes again. The row is changed only if it
   * is still the version that was found safe, so that both are one transaction.
   */
  private boolean remove(Session session) throws IOException {
    if (!session.isSafeToDelete()) {
      return false;
    }
    Session deleting = session;
    if (session.progress().localState() == LocalState.PRESENT) {
      try {
        store.verify(session.facts());
      } catch (NoSuchFileException e) {
        LOG.warn("the copy of an acknowledged file was gone already session={}", session.id());
      } catch (IOException e) {
        LOG.error(
            "a copy is kept although it was acknowledged session={} cause={}",
            session.id(),
            e.getMessage());
        return false;
      }
      deleting =
          sessions
              .save(
                  session.local(LocalState.DELETING, clock.instant()),
                  new Note(WHO, "deleting", "acknowledged, digest equal; the copy goes"))
              .orElse(null);
      if (deleting == null) {
        return false;
      }
    }
    store.delete(deleting.facts());
    return sessions
        .save(
            deleting.local(LocalState.DELETED, clock.instant()),
            new Note(WHO, "deleted", "the copy is gone, the row stays"))
        .isPresent();
  }

  private void removeLeftovers() throws IOException {
    Instant before = clock.instant().minus(UNDER_WAY);
    int unfinished = store.removeUnfinished(before);
    List<String> names = store.namesOlderThan(before);
    int orphans = 0;
    for (int from = 0; from < names.size(); from += AT_ONCE) {
      List<String> page = names.subList(from, Math.min(names.size(), from + AT_ONCE));
      Collection<String> known =
          sessions.known(page.stream().map(LocalStore::copyOf).distinct().toList());
      for (String name : page) {
        if (!known.contains(LocalStore.copyOf(name))) {
          store.removeOrphan(name); // its sender was never told that it was taken
          orphans++;
        }
      }
    }
    if (unfinished + orphans > 0) {
      LOG.info("files of sessions that never were removed count={}", unfinished + orphans);
    }
  }
}
