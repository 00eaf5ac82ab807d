package io.howdah.describe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Writes what a file's header says as metadata.json (contract §3). Safe for use by many threads.
 */
public interface Metadata {
  /**
   * Reads {@code file}'s header and writes metadata.json to {@code out}.
   *
   * @return the named groups alone, for the event
   */
  ObjectNode write(Path file, ObjectNode about, FileChannel out) throws IOException;
}
