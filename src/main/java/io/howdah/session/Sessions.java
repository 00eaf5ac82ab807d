package io.howdah.session;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Upload sessions and what happened to them. Every change is committed together with its row in the
 * audit trail. Safe for use by many threads and processes; the database decides races.
 */
public interface Sessions {
  /**
   * Records a session, unless one that is live has the same bytes for the same order.
   *
   * @param due until then it is left to a client that takes the steps itself
   * @return the new one, or the one there is
   */
  Creation create(SessionFacts facts, String who, Instant due);

  /**
   * @param isNew false when the session was there before
   */
  record Creation(Session session, boolean isNew) {}

  /** The live session of these bytes for this order. */
  Optional<Session> live(long orderId, String sha256);

  /** The session of that id. */
  Optional<Session> find(String sessionId);

  /**
   * What a list is to show.
   *
   * @param visitId empty: of every visit
   * @param states empty: every state
   */
  record Filter(
      Optional<String> visitId, Optional<Long> orderId, Collection<SessionState> states) {}

  /** Sessions, newest first. */
  List<Session> list(Filter filter, int limit, int offset);

  /** How many a filter lets through. */
  long count(Filter filter);

  /** How many sessions are in each state. */
  Map<SessionState, Long> counts();

  /** Since when the pending session waits that waits longest. */
  Optional<Instant> oldestPending();

  /**
   * Takes pending sessions whose time has come and that nobody works on, the most urgent first and
   * the oldest of those. What is taken is this process's until it is released, for as long as the
   * lease is renewed.
   */
  List<Session> claimDue(Instant now, int limit);

  /** Takes this session if it is pending and nobody works on it, whenever its time is. */
  Optional<Session> claim(String sessionId, Instant now);

  /** The highest priority among sessions that could be claimed. */
  Optional<Integer> mostUrgentDue(Instant now);

  /** Gives a claimed session back; nobody takes it of his own accord before {@code next}. */
  void release(Session session, Instant next);

  /** Keeps what this process works on its own. */
  void renewLeases(Instant now);

  /** Gives back at once what this process works on; how many it was. */
  int releaseAll();

  /** Frees every lease, where only one process works on this database. */
  void freeAbandoned();

  /**
   * Makes a session what it should become, if it is still at the version that was seen, and records
   * why.
   *
   * @return the session as it is now; empty when somebody else was first
   */
  Optional<Session> save(Session next, Note note);

  /** Records what happened where nothing changed, such as an attempt that came to nothing. */
  void note(Session session, Note note, Instant now);

  /** Remembers how many bytes the hub has for good; a crash may forget it. */
  void progress(Session session);

  /** Pending sessions are due at once, whatever they waited for. */
  void wake(Instant now);

  /**
   * Acknowledged sessions whose copy may go: {@linkplain Session#isSafeToDelete() safe}, and
   * acknowledged before {@code before}; and those whose deletion was begun.
   */
  List<Session> toClean(Instant before, int limit);

  /** Names of copies that rows speak of, among those asked for. */
  Collection<String> known(Collection<String> localNames);

  /**
   * What is written beside a change.
   *
   * @param who the program or part that did it
   * @param what such as transition, attempt, error
   * @param result what it came to, in a sentence without a patient or a path
   */
  record Note(String who, String what, String result) {}
}
