package io.howdah.storage;

import io.howdah.disk.StorageUnavailable;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** Runs work against the one durable truth. Safe for use by many threads. */
interface Transactions extends AutoCloseable {
  /**
   * Runs {@code work} alone, in one transaction that is on disk when this returns.
   *
   * @throws StorageUnavailable when nothing was committed because the database did not do its part
   */
  <T> T write(Function<Handle, T> work);

  /**
   * Runs {@code work} alone, in one transaction that every later reader sees but that a power cut
   * may undo, together with all that came after it: for steps that are simply done again. Costs no
   * fsync.
   *
   * @throws StorageUnavailable when nothing was committed because the database did not do its part
   */
  <T> T progress(Function<Handle, T> work);

  /**
   * Runs {@code work} on a consistent view.
   *
   * @throws StorageUnavailable when the database does not answer
   */
  <T> T read(Function<Handle, T> work);

  @Override
  void close();
}
