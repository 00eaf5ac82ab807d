package io.howdah.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** What became of a received upload on its way into PACS-lite. */
public sealed interface Judged {
  /** The upload. */
  HubUpload upload();

  /**
   * Its bytes are the announced ones, and name their study, series and instance.
   *
   * @param file the original's bytes
   */
  record Verified(HubUpload upload, Path file, Image image) implements Judged {}

  /** Its image is durable under its final name. */
  record Published(HubUpload upload, Path file, Image image) implements Judged {}

  /**
   * It will never be taken.
   *
   * @param file the bytes that are kept aside, when they are
   * @param reason what is written beside them
   */
  record Rejected(HubUpload upload, Verdict verdict, Path file, String sha256, ObjectNode reason)
      implements Judged {}
}
