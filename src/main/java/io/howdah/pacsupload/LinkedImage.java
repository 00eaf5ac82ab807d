package io.howdah.pacsupload;

/** A verified image that can be sent, because it is known which message it belongs to. */
public record LinkedImage(VerifiedImage verified, String messageId) {}
