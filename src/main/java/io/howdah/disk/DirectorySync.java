package io.howdah.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Makes names in directories durable (fsync of the directory). Callers that ask for the same
 * directory at the same time share one fsync, which is sound because each waits for one that began
 * after it asked. Safe for use by many threads.
 */
public final class DirectorySync {
  private final ConcurrentMap<Path, Turns> directories = new ConcurrentHashMap<>();

  /**
   * Returns when every name made in {@code directory} before the call survives a power cut.
   *
   * @throws IOException when the disk refused; then nothing is known about the names
   */
  public void sync(Path directory) throws IOException {
    Turns turns = directories.computeIfAbsent(directory, path -> new Turns());
    turns.waiting(directory);
  }

  /** Syncs a directory that no one else will ask for, such as a study's own. */
  public static void syncAlone(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static final class Turns {
    private long begun;
    private long ended;
    private long failed = -1;
    private boolean running;

    void waiting(Path directory) throws IOException {
      long mine;
      synchronized (this) {
        mine = begun + 1; // only a sync that begins from now on has seen our name
        while (running && ended < mine) {
          await();
        }
        if (ended >= mine) {
          check(mine, directory);
          return;
        }
        running = true;
        begun++;
        mine = begun;
      }
      boolean good = false;
      try {
        syncAlone(directory);
        good = true;
      } finally {
        synchronized (this) {
          running = false;
          ended = mine;
          failed = good ? failed : mine;
          notifyAll();
        }
      }
    }

    private void await() throws IOException {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for a directory to be synced", e);
      }
    }

    private void check(long mine, Path directory) throws IOException {
      if (failed >= mine) {
        throw new IOException("the directory " + directory.getFileName() + " could not be synced");
      }
    }
  }
}
