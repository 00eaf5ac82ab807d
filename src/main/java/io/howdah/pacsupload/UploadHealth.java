package io.howdah.pacsupload;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How the upload is doing at a moment.
 *
 * @param replacements how often another file took the place of pacs.db
 * @param storeTrouble what is wrong with the image store, empty when nothing
 * @param refusal why the cloud refuses this gateway, empty when it does not
 * @param endpointInTrouble true while the cloud has failed and not taken an image since
 */
public record UploadHealth(
    PacsCondition pacs,
    int replacements,
    PacsCondition worklist,
    String storeTrouble,
    String refusal,
    boolean endpointInTrouble,
    Optional<Instant> lastDelivery,
    Instant now) {

  /** True when nothing needs a person. */
  public boolean isWell() {
    return pacs.isWell()
        && worklist == PacsCondition.USABLE
        && storeTrouble.isEmpty()
        && refusal.isEmpty();
  }

  /** True when there is no database to poll. */
  public boolean isIdle() {
    return pacs == PacsCondition.ABSENT;
  }

  /** What a program may act on; empty when all is well. */
  public String code() {
    if (pacs != PacsCondition.USABLE) {
      return isIdle() ? "PACS_IDLE" : "PACS_" + pacs.name();
    }
    if (!storeTrouble.isEmpty()) {
      return "PACS_STORE_TROUBLE";
    }
    if (worklist != PacsCondition.USABLE) {
      return "WORKLIST_" + worklist.name();
    }
    if (!refusal.isEmpty()) {
      return "CLOUD_REFUSES";
    }
    return endpointInTrouble ? "CLOUD_IN_TROUBLE" : "";
  }

  /** The code in words. */
  public String sentence() {
    if (pacs != PacsCondition.USABLE) {
      return "pacs.db " + pacs.sentence();
    }
    if (!storeTrouble.isEmpty()) {
      return storeTrouble;
    }
    if (worklist != PacsCondition.USABLE) {
      return "worklist.db " + worklist.sentence();
    }
    if (!refusal.isEmpty()) {
      return "the cloud refuses this gateway; images wait: " + refusal;
    }
    return endpointInTrouble ? "the cloud takes no images now; they wait" : "images are uploaded";
  }

  /** What a health check shows, in words and without patients. */
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("pacs.db", isIdle() ? "idle: it " + pacs.sentence() : "it " + pacs.sentence());
    details.put("pacs.condition", pacs.name());
    if (replacements > 0) {
      details.put("pacs.replaced", Integer.toString(replacements));
    }
    if (!isIdle()) {
      details.put("worklist.condition", worklist.name());
      details.put(
          "endpoint",
          !refusal.isEmpty() ? refusal : endpointInTrouble ? "in trouble; images wait" : "well");
      if (!storeTrouble.isEmpty()) {
        details.put("store", storeTrouble);
      }
      details.put(
          "last.delivery",
          lastDelivery
              .map(at -> Duration.between(at, now).toSeconds() + " seconds ago")
              .orElse("none since the start"));
    }
    return details;
  }
}
