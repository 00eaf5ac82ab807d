package io.howdah.session;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens files that a client names, and only regular files below configured folders. From the folder
 * on, each directory is opened relative to the one before and no link is followed, so that nothing
 * a path is changed to between two looks leads out of the folder. Safe for use by many threads.
 */
public final class AllowedPaths {
  /** Opening a file on a share that sleeps takes a while; it never takes a thread for ever. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Openings are quick; who comes in a burst waits this part of the patience for a turn. */
  private static final int TURN = 10;

  private final List<Path> roots;
  private final int most;
  private final Duration patience;
  private final Semaphore free;

  /**
   * @param roots absolute; empty: nothing may be opened
   * @param most files that are being opened at once, those included that nobody waits for any more
   */
  public AllowedPaths(List<Path> roots, int most) {
    this(roots, most, PATIENCE);
  }

  /**
   * @param patience how long opening a file may take
   */
  AllowedPaths(List<Path> roots, int most, Duration patience) {
    this.roots = List.copyOf(roots);
    this.most = most;
    this.patience = patience;
    this.free = new Semaphore(most);
  }

  /** As many files are being opened as may be; nothing was tried. */
  public static final class TooManyOpening extends IOException {
    private static final long serialVersionUID = 1L;

    private TooManyOpening() {
      super("as many files are being opened as may be");
    }
  }

  /** Files that are being opened now, those included that nobody waits for any more. */
  public int opening() {
    return most - free.availablePermits();
  }

  /**
   * Opens a file.
   *
   * @return empty when the text names no regular file that may be opened; why is nobody's business,
   *     because the reason would tell which files exist
   * @throws TooManyOpening when others that do not get on hold all turns
   */
  public Optional<SeekableByteChannel> open(String text) throws TooManyOpening {
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
    if (!path.isAbsolute() || !path.equals(path.normalize()) || text.startsWith("//")) {
      return Optional.empty();
    }
    for (Path root : roots) {
      if (path.startsWith(root) && !path.equals(root)) {
        try {
          return Optional.of(openInTime(root, root.relativize(path)));
        } catch (TooManyOpening e) {
          throw e;
        } catch (IOException e) {
          // the next folder may hold it
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Opens in a thread of its own: a file that becomes a pipe between the look and the opening holds
   * up that thread alone, until somebody opens the pipe's other end. Until then it also keeps its
   * turn, so that there are never more such threads than turns.
   */
  private SeekableByteChannel openInTime(Path root, Path inside) throws IOException {
    CompletableFuture<SeekableByteChannel> opened = new CompletableFuture<>();
    try {
      takeTurn();
      startOpening(root, inside, opened);
      return opened.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot be opened", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a file is opened");
    } finally {
      opened.cancel(false);
    }
  }

  private void takeTurn() throws TooManyOpening, InterruptedException {
    if (!free.tryAcquire(patience.toMillis() / TURN, TimeUnit.MILLISECONDS)) {
      throw new TooManyOpening();
    }
  }

  private void startOpening(Path root, Path inside, CompletableFuture<SeekableByteChannel> opened) {
    Thread opener = new Thread(() -> open(root, inside, opened), "session-open");
    opener.setDaemon(true);
    boolean started = false;
    try {
      opener.start();
      started = true;
    } finally {
      if (!started) {
        free.release();
      }
    }
  }

  private void open(Path root, Path inside, CompletableFuture<SeekableByteChannel> opened) {
    try {
      SeekableByteChannel channel = open(root, inside);
      if (!opened.complete(channel)) {
        channel.close(); // too late
      }
    } catch (IOException | RuntimeException e) {
      opened.completeExceptionally(e);
    } finally {
      free.release();
    }
  }

  private static SeekableByteChannel open(Path root, Path inside) throws IOException {
    Deque<Closeable> opened = new ArrayDeque<>();
    try {
      SecureDirectoryStream<Path> directory = secure(Files.newDirectoryStream(root), opened);
      // each is looked at before it is opened, because opening a pipe waits for its other end
      for (int i = 0; i < inside.getNameCount() - 1; i++) {
        Path folder = inside.getName(i);
        if (!attributes(directory, folder).isDirectory()) {
          throw new IOException("not a folder");
        }
        directory = secure(directory.newDirectoryStream(folder, LinkOption.NOFOLLOW_LINKS), opened);
      }
      Path name = inside.getFileName();
      Object seen = regular(directory, name);
      SeekableByteChannel channel =
          directory.newByteChannel(
              name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
      try {
        if (!seen.equals(regular(directory, name))) {
          throw new IOException("changed while it was opened");
        }
        return channel;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } finally {
      for (Closeable one : opened) {
        one.close();
      }
    }
  }

  private static SecureDirectoryStream<Path> secure(
      DirectoryStream<Path> stream, Deque<Closeable> opened) {
    opened.push(stream);
    return (SecureDirectoryStream<Path>) stream;
  }

  /** The identity of a regular file. */
  private static Object regular(SecureDirectoryStream<Path> directory, Path name)
      throws IOException {
    BasicFileAttributes attributes = attributes(directory, name);
    if (!attributes.isRegularFile()) {
      throw new IOException("not a regular file");
    }
    return attributes.fileKey();
  }

  private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name)
      throws IOException {
    return directory
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }
}
