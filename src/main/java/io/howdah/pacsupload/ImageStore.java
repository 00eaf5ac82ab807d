package io.howdah.pacsupload;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.pacsupload.UploadOutcome.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * The other system's image store. Every file is proven against its digest before a byte of it is
 * sent; while one image is on the wire, the next are proven already. Safe for use by many threads.
 */
public final class ImageStore implements AutoCloseable {
  private static final Pattern UID = Pattern.compile("[0-9A-Za-z._-]{1,128}");

  /** So much is read ahead and not yet sent: what the page cache surely still holds then. */
  private static final long AHEAD = 64L * 1024 * 1024;

  private final Path root;
  private final Map<String, Proof> proofs = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition sent = lock.newCondition();
  private final ExecutorService ahead =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "pacs-upload-verify");
            thread.setDaemon(true);
            return thread;
          });
  private long bytesAhead;
  private volatile String trouble = "";

  public ImageStore(Path root) {
    this.root = root;
  }

  /** Begins to prove images that will be sent soon, in this order. */
  void readAhead(List<ClaimedImage> claims) {
    for (ClaimedImage claim : claims) {
      Proof proof = new Proof(claim);
      proofs.put(key(claim), proof);
      ahead.execute(() -> prove(proof));
    }
  }

  private static String key(ClaimedImage claim) {
    return claim.fence() + " " + claim.uid();
  }

  private void prove(Proof proof) {
    lock.lock();
    try {
      while (bytesAhead > AHEAD && proofs.containsKey(key(proof.claim))) {
        sent.await();
      }
      if (proofs.containsKey(key(proof.claim))) {
        bytesAhead += proof.bytes();
        proof.counted = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } finally {
      lock.unlock();
    }
    if (proof.counted) {
      proof.run();
    }
  }

  /** An image that will not be sent needs no proof. */
  void forget(ClaimedImage claim) {
    lock.lock();
    try {
      Proof proof = proofs.remove(key(claim));
      if (proof != null && proof.counted) {
        bytesAhead -= proof.bytes();
      }
      sent.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Proves that the file is the one that was stored.
   *
   * @throws UploadStopped when it is not, or cannot be read
   */
  public VerifiedImage verify(ClaimedImage claim) {
    Proof proof = proofs.getOrDefault(key(claim), new Proof(claim));
    forget(claim);
    proof.run(); // unless that was done ahead
    try {
      VerifiedImage verified = proof.get();
      CrashPoint.PACS_VERIFIED.reached();
      return verified;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UploadStopped stopped) {
        throw stopped;
      }
      throw new IllegalStateException("a stored file could not be verified", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a stored file was verified", e);
    }
  }

  private VerifiedImage proven(ClaimedImage claim) {
    PendingImage image = claim.image();
    if (!UID.matcher(claim.uid()).matches()) {
      throw unusable("its SOP Instance UID is none");
    }
    Path file = root.resolve(image.storagePath()).normalize();
    if (!file.startsWith(root) || file.equals(root)) {
      throw unusable("its storage_path leads out of the store");
    }
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw missing();
      }
      // taken before the bytes are read, so that whatever changes them later is noticed
      BasicFileAttributes seen =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      String hash = Disk.sha256(file);
      if (!hash.equalsIgnoreCase(image.storageHash())) {
        throw unusable(
            "the file is not the one that was stored: storage_hash is "
                + image.storageHash()
                + ", the file's SHA-256 is "
                + hash);
      }
      trouble = "";
      return new VerifiedImage(claim, file, seen.size(), seen.lastModifiedTime());
    } catch (IOException e) {
      trouble = "a stored file cannot be read: " + e.getClass().getSimpleName();
      throw new UploadStopped(UploadOutcome.of(Kind.STORE_TROUBLE, "store", trouble));
    }
  }

  private static UploadStopped unusable(String why) {
    return new UploadStopped(UploadOutcome.of(Kind.UNUSABLE, "store", why));
  }

  /** One missing file is its image's trouble; a missing or empty store is everyone's. */
  private UploadStopped missing() throws IOException {
    boolean there = false;
    if (Files.isDirectory(root)) {
      try (var names = Files.newDirectoryStream(root)) {
        there = names.iterator().hasNext();
      }
    }
    if (there) {
      return new UploadStopped(
          UploadOutcome.of(Kind.VERDICT, "store", "the file is not in the store"));
    }
    trouble = "the image store is missing or empty; is it mounted?";
    return new UploadStopped(UploadOutcome.of(Kind.STORE_TROUBLE, "store", trouble));
  }

  /** What is wrong with the store; empty when nothing. */
  public String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    ahead.shutdownNow();
  }

  /** The proof of one image, done once by whoever comes first. */
  private final class Proof extends FutureTask<VerifiedImage> {
    private final ClaimedImage claim;

    /** Under the lock: true when its bytes count as read ahead. */
    private boolean counted;

    Proof(ClaimedImage claim) {
      super(() -> proven(claim));
      this.claim = claim;
    }

    long bytes() {
      return claim.image().fileSize();
    }
  }
}
