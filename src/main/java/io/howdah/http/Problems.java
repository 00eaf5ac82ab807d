package io.howdah.http;

import io.howdah.disk.StorageUnavailable;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to a request that ended in an exception: one list for every route. */
public final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /** Which answer a failure deserves; the cause goes to the log, never to the client. */
  public Answer of(Throwable failure) {
    LOG.warn("request failed cause={}", summary(failure));
    if (failure instanceof StorageUnavailable) {
      return Answer.problem(
          503,
          "STORE_UNAVAILABLE",
          "the gateway's database does not answer now; nothing was recorded, try again");
    }
    if (failure instanceof IOException) {
      return Answer.problem(
          503,
          "NOT_STORED",
          "the gateway's disk did not take the bytes; nothing was accepted, try again");
    }
    if (failure instanceof RejectedExecutionException) {
      return Answer.problem(
          503, "BUSY", "as many calls of this kind wait as may; nothing was done, try again");
    }
    return Answer.problem(
        500, "INTERNAL", "the gateway could not do this; nothing was accepted, try again");
  }

  private static String summary(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return failure.getClass().getSimpleName()
        + ": "
        + failure.getMessage()
        + (root == failure ? "" : " (" + root.getMessage() + ")");
  }
}
