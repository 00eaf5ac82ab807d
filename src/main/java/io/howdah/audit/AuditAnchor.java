package io.howdah.audit;

import io.howdah.audit.AuditTrail.Anchor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says the end of the trail in the log, which is kept elsewhere: {@code audit verify --log}. */
public final class AuditAnchor {
  /** What such a line holds before the anchor. */
  public static final String MARK = "audit head ";

  private static final Logger LOG = LoggerFactory.getLogger(AuditAnchor.class);

  private final AuditTrail trail;
  private Anchor told;

  public AuditAnchor(AuditTrail trail) {
    this.trail = trail;
  }

  /** Says it, unless nothing was added since it was said. */
  public synchronized void tell() {
    Anchor head = trail.head();
    if (head.seq() > 0 && !head.equals(told)) {
      LOG.info(MARK + "{}", head);
      told = head;
    }
  }
}
