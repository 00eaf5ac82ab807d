package io.howdah.dicom.net;

import java.util.Set;

/**
 * The answer to a query for instances.
 *
 * @param sopInstances those the peer says it has; complete only when {@code reply} is a success
 */
public record Found(Reply reply, Set<String> sopInstances) {
  public Found {
    sopInstances = Set.copyOf(sopInstances);
  }

  /** True when the peer answered the whole query. */
  public boolean complete() {
    return reply instanceof Reply.Answered answered && answered.success();
  }
}
