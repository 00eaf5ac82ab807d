package io.howdah.validate;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Examines a file's bytes; hostile bytes lead to findings, never to an exception. Safe for use by
 * many threads.
 */
public interface Examination {
  /**
   * @throws IOException only when the disk cannot be read
   */
  Verdict examine(Path file) throws IOException;

  /**
   * The same for bytes that were digested before; what no check asks for is not read again.
   *
   * @throws IOException only when the disk cannot be read
   */
  Verdict examine(Path file, String sha256) throws IOException;
}
