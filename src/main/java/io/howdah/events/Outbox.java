package io.howdah.events;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What others are still to be told, in the order it became true. Safe for use by many threads and
 * processes.
 */
public interface Outbox {
  /** Where a message goes: Redis Pub/Sub and status keys, or a status service over HTTP. */
  enum Target {
    REDIS,
    STATUS_SERVICE
  }

  /**
   * One message.
   *
   * @param channel a Pub/Sub channel, or {@code status} for the status itself
   * @param version the study's version that it tells of; a later message about the same study has a
   *     greater one
   */
  record Message(
      long seq, Target target, String channel, String studyId, long version, String payload) {}

  /**
   * The oldest unsent messages, for the one process that holds the relay's lease; empty for all
   * others.
   */
  List<Message> unsent(Target target, int limit);

  /** Marks messages as sent. */
  void sent(List<Message> messages);

  /** How many messages to a target are still to be sent, and when the oldest became true. */
  Backlog backlog(Target target);

  /** Removes messages sent longer ago than {@code retention}; how many. */
  int forget(Duration retention);

  /** A target's unsent messages. */
  record Backlog(long count, Optional<Instant> oldest) {}
}
