package io.howdah.status;

/** What recording a new study came to. */
public sealed interface Acceptance {
  /** The study under which the bytes are known. */
  String studyId();

  /** A row was made; the bytes are ours now. */
  record Accepted(String studyId) implements Acceptance {}

  /** Equal bytes were accepted before and have not failed; the new copy is not needed. */
  record Duplicate(String studyId) implements Acceptance {}

  /** This Idempotency-Key was used before, for other bytes. */
  record KeyReused(String studyId) implements Acceptance {}
}
