package io.howdah.hub;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The rows of manifests. */
public interface Manifests {
  /** What came of recording one. */
  enum Kept {
    NEW,
    SAME,
    OTHER
  }

  /** Records a manifest, once. */
  Kept keep(String principal, Manifest manifest, String digest, Instant now);

  /** A manifest of {@code principal}, and how far it is. */
  Optional<Progress> find(String principal, String manifestId);

  /** How far a manifest is. */
  record Progress(String manifestId, String studyUid, List<FileProgress> files) {
    /** True when every file is acknowledged. */
    public boolean isComplete() {
      return files.stream().allMatch(file -> file.state().equals("acknowledged"));
    }
  }

  /**
   * How far a file of a manifest is.
   *
   * @param state missing, receiving, acknowledged or rejected, by the uploads of the same principal
   */
  record FileProgress(Manifest.Entry file, String state, OptionalLong instanceId) {}
}
