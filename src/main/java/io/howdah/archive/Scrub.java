package io.howdah.archive;

import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the archive again and tells of what is damaged or missing; changes nothing in it. Safe for
 * use by many threads.
 */
public final class Scrub {
  /** Studies looked at in one go, however small. */
  private static final int AT_ONCE = 100;

  private static final int BUFFER = 64 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

  private final Settings.Archive settings;
  private final OwnFolder folder;
  private final ScrubLedger ledger;
  private Optional<Reading> unfinished = Optional.empty();

  public Scrub(Settings.Archive settings, OwnFolder folder, ScrubLedger ledger) {
    this.settings = settings;
    this.folder = folder;
    this.ledger = ledger;
  }

  /**
   * Reads on, at most the bytes of one second, so that calls a second apart keep to the rate; a
   * large object takes many. While the archive is not mounted there is nothing to be seen, and
   * nothing to be missed.
   */
  public synchronized void scrub() throws IOException {
    if (!folder.isOurs()) {
      return; // readiness tells of it
    }
    List<ScrubLedger.Look> looks = looks();
    if (looks.isEmpty() || !folder.isOurs()) {
      return;
    }
    List<String> restored = ledger.record(looks);
    for (ScrubLedger.Look look : looks) {
      look.damage()
          .ifPresent(
              damage ->
                  LOG.warn(
                      "archived study damaged study={} code={}", look.kept().studyId(), damage));
    }
    restored.forEach(study -> LOG.info("archived study whole again study={}", study));
  }

  private List<ScrubLedger.Look> looks() throws IOException {
    List<ScrubLedger.Look> looks = new ArrayList<>();
    long left = settings.scrubRate();
    for (ScrubLedger.Kept kept : ledger.due(AT_ONCE)) {
      Reading reading =
          unfinished
              .filter(begun -> begun.kept.equals(kept))
              .orElseGet(() -> new Reading(kept, settings.objectOf(kept.studyId())));
      long before = reading.read;
      Optional<ScrubLedger.Look> look = reading.on(left);
      unfinished = look.isPresent() ? Optional.empty() : Optional.of(reading);
      if (look.isEmpty()) {
        return looks;
      }
      looks.add(look.get());
      left -= reading.read - before;
    }
    return looks;
  }

  /** One object, read a part at a time. */
  private static final class Reading {
    private final ScrubLedger.Kept kept;
    private final Path object;
    private final MessageDigest digest = Disk.sha256();
    private long read;

    Reading(ScrubLedger.Kept kept, Path object) {
      this.kept = kept;
      this.object = object;
    }

    /** Reads on, {@code most} bytes at most; empty while more are left. */
    Optional<ScrubLedger.Look> on(long most) throws IOException {
      try (FileChannel in =
          FileChannel.open(object, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
        if (in.size() != kept.size()) {
          return found(Damage.CHECKSUM_MISMATCH);
        }
        in.position(read);
        long end = Math.min(kept.size(), read + most);
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (read < end) {
          int got = in.read(buffer.clear().limit((int) Math.min(BUFFER, end - read)));
          if (got < 0) {
            return found(Damage.CHECKSUM_MISMATCH);
          }
          digest.update(buffer.flip());
          read += got;
        }
      } catch (ClosedByInterruptException e) {
        throw e; // says nothing of the object
      } catch (NoSuchFileException e) {
        return found(
            Files.isDirectory(object.getParent()) ? Damage.FILE_MISSING : Damage.STUDY_MISSING);
      } catch (IOException e) {
        return found(Damage.UNREADABLE);
      }
      if (read < kept.size()) {
        return Optional.empty();
      }
      return HexFormat.of().formatHex(digest.digest()).equals(kept.sha256())
          ? Optional.of(new ScrubLedger.Look(kept, Optional.empty()))
          : found(Damage.CHECKSUM_MISMATCH);
    }

    private Optional<ScrubLedger.Look> found(Damage damage) {
      return Optional.of(new ScrubLedger.Look(kept, Optional.of(damage)));
    }
  }
}
