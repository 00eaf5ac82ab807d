package io.howdah.intake;

import java.nio.file.Path;

/**
 * A file whose bytes lie complete in a temporary place, counted and digested while they were
 * written.
 *
 * @param originalName what its sender called it: text for people, never part of a path
 * @param sha256 lowercase hex
 * @param head its first bytes, at most {@link ArrivingFile#HEAD}
 * @param synced whether its bytes are durable already
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy per file would buy nothing
public record ArrivedFile(
    Path path, String originalName, long size, String sha256, byte[] head, boolean synced) {
  /** One that is not durable yet. */
  public ArrivedFile(Path path, String originalName, long size, String sha256, byte[] head) {
    this(path, originalName, size, sha256, head, false);
  }
}
