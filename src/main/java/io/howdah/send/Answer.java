package io.howdah.send;

/**
 * What one request about one instance came to.
 *
 * @param peerStatus the peer's own word, such as 0000 or HTTP 201; what came instead where there
 *     was none
 * @param detail in words that may be shown; nothing of the peer's text
 * @param requested true when the instance left, or began to
 */
public record Answer(
    long batchId,
    String destination,
    String sopInstanceUid,
    Verdict verdict,
    String peerStatus,
    String detail,
    boolean requested) {}
