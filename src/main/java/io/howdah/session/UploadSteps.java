package io.howdah.session;

import java.util.Optional;

/** The steps of an upload as a client of the API asks for them, one at a time. */
public interface UploadSteps {
  /** What a step came to. */
  sealed interface Outcome {
    /** The step is done, by us now or by somebody before. */
    record Done(Session session) implements Outcome {}

    /** The session is FAILED, and says why. */
    record Failed(Session session) implements Outcome {}

    /** The hub cannot take it now; the session keeps its place and loses no retry. */
    record NotNow(String reason) implements Outcome {}

    /** The receiver says something else than the client; nothing changed. */
    record Contradicted(String reason) implements Outcome {}
  }

  /** Tells the hub of a session. */
  Outcome uploadMetadata(Session session);

  /**
   * Sends what the hub does not have yet.
   *
   * @param chunk bytes of a request
   */
  Outcome uploadBinary(Session session, int chunk);

  /**
   * Ends a SYNCED session by what its client says, if the hub says the same or keeps no receipts.
   */
  Outcome acknowledge(Session session, long imageId);

  /**
   * The image that a session became, as its receiver says; waits a moment for it, and changes
   * nothing.
   */
  Optional<Long> image(Session session);

  /** How fast a session's bytes go now. */
  Pace pace(String sessionId);

  /**
   * @param bytesPerSecond over the last seconds; 0 while nothing goes
   */
  record Pace(long bytesPerSecond) {}
}
