package io.howdah.pacsupload;

import io.howdah.disk.CrashPoint;
import io.howdah.pacsupload.UploadOutcome.Kind;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which message an image belongs to: as the worklist says now, or as it said when it was first
 * asked, for it may be empty tomorrow. Safe for use by many threads.
 */
public final class MessageLinks {
  private static final Logger LOG = LoggerFactory.getLogger(MessageLinks.class);
  private static final Pattern MESSAGE_ID = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final int AT_ONCE = 10_000;

  private final Worklist worklist;
  private final Pacs pacs;
  private final UploadLedger ledger;
  private final InstantSource clock;
  private final int maxAttempts;
  private volatile boolean asked;

  /**
   * @param maxAttempts images that had so many are not pending
   */
  public MessageLinks(
      Worklist worklist, Pacs pacs, UploadLedger ledger, InstantSource clock, int maxAttempts) {
    this.worklist = worklist;
    this.pacs = pacs;
    this.ledger = ledger;
    this.clock = clock;
    this.maxAttempts = maxAttempts;
  }

  /** The message ids that the worklist has now for these images, by UID. */
  Map<String, String> seen(Collection<PendingImage> images) {
    Map<String, String> accessions = new HashMap<>();
    for (PendingImage image : images) {
      if (!image.accession().isEmpty()) {
        accessions.put(image.sopInstanceUid(), image.accession());
      }
    }
    try {
      return accessions.isEmpty() ? Map.of() : inWorklist(accessions);
    } catch (PacsUnavailable e) {
      LOG.debug("message ids not looked up cause={}", e.getMessage());
      return Map.of();
    }
  }

  private Map<String, String> inWorklist(Map<String, String> accessions) {
    asked = true;
    Map<String, String> ids = worklist.messageIds(new HashSet<>(accessions.values()));
    Map<String, String> found = new HashMap<>();
    accessions.forEach(
        (uid, accession) -> {
          String id = ids.get(accession);
          if (id != null && MESSAGE_ID.matcher(id).matches()) {
            found.put(uid, id);
          }
        });
    return found;
  }

  /**
   * Finds the message that the image belongs to: as remembered, or else in the worklist.
   *
   * @throws UploadStopped when it is not known yet
   */
  public LinkedImage link(VerifiedImage verified) {
    ClaimedImage claim = verified.claim();
    Optional<String> messageId = claim.messageId();
    if (messageId.isEmpty()) {
      messageId = Optional.of(inWorklist(claim));
    }
    CrashPoint.PACS_LINKED.reached();
    return new LinkedImage(verified, messageId.get());
  }

  private String inWorklist(ClaimedImage claim) {
    String accession = claim.image().accession();
    if (accession.isEmpty()) {
      throw missing("the image has no accession number, so no source message id");
    }
    try {
      Map<String, String> found = inWorklist(Map.of(claim.uid(), accession));
      if (found.isEmpty()) {
        throw missing("no source message id in the worklist");
      }
      ledger.remember(found, clock.instant());
      return found.get(claim.uid());
    } catch (PacsUnavailable e) {
      throw missing("the worklist " + e.getMessage());
    }
  }

  private static UploadStopped missing(String why) {
    return new UploadStopped(UploadOutcome.of(Kind.AWAITING_LINK, "link", why));
  }

  /** Asks the worklist again for the message ids that images wait for. */
  public void lookForMissing() {
    if (pacs.condition().isThere()) {
      Map<String, String> awaited = ledger.awaitingLink(AT_ONCE);
      if (!awaited.isEmpty()) {
        remember(() -> inWorklist(awaited));
      }
    }
  }

  /** Remembers the message ids of pending images while the worklist still has them. */
  public void rememberPending() {
    if (pacs.condition().isThere()) {
      remember(
          () -> {
            Map<String, PendingImage> unlinked = new HashMap<>();
            for (PendingImage image : pacs.pending(AT_ONCE, maxAttempts, Set.of())) {
              unlinked.put(image.sopInstanceUid(), image);
            }
            unlinked.keySet().removeAll(ledger.linked(List.copyOf(unlinked.keySet())));
            return seen(unlinked.values());
          });
    }
  }

  private void remember(Supplier<Map<String, String>> ids) {
    try {
      ledger.remember(ids.get(), clock.instant());
    } catch (PacsUnavailable e) {
      LOG.debug("message ids not remembered cause={}", e.getMessage());
    }
  }

  /** What is the matter with the worklist; nothing while it was never asked. */
  public PacsCondition condition() {
    return asked ? worklist.condition() : PacsCondition.USABLE;
  }
}
