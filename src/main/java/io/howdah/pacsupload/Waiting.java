package io.howdah.pacsupload;

import java.time.Instant;

/** Why our own rows keep an image back, and until when. */
public record Waiting(String reason, Instant until) {}
