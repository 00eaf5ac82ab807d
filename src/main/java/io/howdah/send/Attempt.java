package io.howdah.send;

/**
 * What one attempt to send a batch came to.
 *
 * @param confirmed instances this attempt got confirmed
 * @param refused instances this attempt got refused
 * @param unanswered true when sending an instance had begun and no valid answer came
 * @param outage why the destination took nothing more; empty when it did not stop us
 * @param associations asked for
 * @param failedAssociations of them, that did not come about or did not end well
 * @param unreadable a file of our own could not be read, which no destination is to blame for
 */
public record Attempt(
    int confirmed,
    int refused,
    boolean unanswered,
    String outage,
    int associations,
    int failedAssociations,
    boolean unreadable) {
  /** True when fewer instances are left than before. */
  boolean progressed() {
    return confirmed + refused > 0;
  }
}
