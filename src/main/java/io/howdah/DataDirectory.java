package io.howdah;

import io.howdah.disk.Disk;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The data directory, owned for this process's roles: on an embedded database a second process with
 * one of them does not start, so that what an earlier process left behind is known to be nobody's.
 */
final class DataDirectory implements AutoCloseable {
  private final List<FileChannel> locks;

  private DataDirectory(List<FileChannel> locks) {
    this.locks = locks;
  }

  /**
   * @throws IOException when another process has one of the roles on this directory
   */
  static DataDirectory own(Settings settings) throws IOException {
    Disk.createDirectories(settings.data());
    List<FileChannel> locks = new ArrayList<>();
    if (settings.database().isSqlite()) {
      for (Role role : settings.roles()) {
        Path file = settings.data().resolve("." + role.key() + ".lock");
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
          channel.close();
          throw new IOException(
              "another process runs the role "
                  + role.key()
                  + " on "
                  + settings.data()
                  + "; stop it, or give this one a directory of its own (HOWDAH_DATA) or PostgreSQL (howdah.db.url)");
        }
        locks.add(channel);
      }
    }
    return new DataDirectory(locks);
  }

  @Override
  public void close() throws IOException {
    for (FileChannel lock : locks) {
      lock.close();
    }
  }
}
