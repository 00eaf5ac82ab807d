package io.howdah.session;

import java.time.Instant;
import java.util.Optional;

/**
 * A study whose files are uploaded in sessions of their own and acknowledged together.
 *
 * @param body the JSON document that the hub is told: study_uid and files
 */
public record Manifest(String manifestId, String visitId, String body, Optional<Instant> toldAt) {}
