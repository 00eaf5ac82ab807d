package io.howdah.session;

import java.time.Instant;
import java.util.Optional;

/** Whole studies that sessions belong to. Safe for use by many threads. */
public interface SessionManifests {
  /**
   * Remembers a manifest.
   *
   * @return false when one of that id says something else
   */
  boolean keep(Manifest manifest, Instant now);

  /** The manifest of that id. */
  Optional<Manifest> manifest(String manifestId);

  /** The hub took the manifest. */
  void told(String manifestId, Instant now);
}
