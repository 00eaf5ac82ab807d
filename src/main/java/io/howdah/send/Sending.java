package io.howdah.send;

import io.howdah.dicom.net.AssociationEnd;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.StoreListener;
import io.howdah.dicom.net.StoreOutcome;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * One attempt to send a batch: hears the answers, says what they mean, and has them recorded as
 * they come. For the thread that sends.
 */
public final class Sending implements StoreListener {
  private final ClaimedBatch batch;
  private final Path archive;
  private final ResponseTable table;
  private final AnswerLog log;
  private final boolean verify;
  private final Map<String, Parcel> left = new LinkedHashMap<>();
  private final Deque<Parcel> queue = new ArrayDeque<>();
  private int confirmed;
  private int refused;
  private boolean unanswered;
  private boolean unreadable;
  private String outage = "";
  private int associations;

  Sending(ClaimedBatch batch, Path archive, ResponseTable table, AnswerLog log, boolean verify) {
    this.batch = batch;
    this.archive = archive;
    this.table = table;
    this.log = log;
    this.verify = verify;
    batch.parcels().forEach(parcel -> left.put(parcel.sopInstanceUid(), parcel));
    queue.addAll(batch.parcels());
  }

  /** What is sent. */
  public ClaimedBatch getBatch() {
    return batch;
  }

  /** What goes onto the association, in order. */
  public List<Instance> getInstances() {
    List<Instance> instances = new ArrayList<>();
    for (Parcel parcel : left.values()) {
      instances.add(
          new Instance(
              archive.resolve(parcel.path()),
              parcel.sopClassUid(),
              parcel.sopInstanceUid(),
              parcel.transferSyntaxUid(),
              parcel.dataSetOffset()));
    }
    return instances;
  }

  /** What is sent one by one; ends early when the destination takes nothing more. */
  public Iterator<Parcel> getParcels() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return outage.isEmpty() && !queue.isEmpty();
      }

      @Override
      public Parcel next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return queue.remove();
      }
    };
  }

  /** The archived file of a parcel. */
  public File file(Parcel parcel) {
    return archive.resolve(parcel.path()).toFile();
  }

  /** True when what may be there already is to be looked for before anything is sent. */
  public boolean isVerifying() {
    return verify && left.values().stream().anyMatch(Parcel::doubtful);
  }

  /** The series that hold what may be there already. */
  public List<Doubt> getDoubts() {
    Map<String, List<String>> bySeries = new LinkedHashMap<>();
    for (Parcel parcel : left.values()) {
      if (parcel.doubtful()) {
        bySeries
            .computeIfAbsent(parcel.seriesUid(), series -> new ArrayList<>())
            .add(parcel.sopInstanceUid());
      }
    }
    return bySeries.entrySet().stream()
        .map(entry -> new Doubt(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Instances of one series that may be there already. */
  public record Doubt(String seriesUid, List<String> sopInstanceUids) {
    public Doubt {
      sopInstanceUids = List.copyOf(sopInstanceUids);
    }
  }

  /** The destination says that it has these, and need not get them again. */
  void found(Iterable<String> sopInstanceUids) {
    for (String uid : sopInstanceUids) {
      Parcel parcel = left.remove(uid);
      if (parcel != null) {
        queue.remove(parcel);
        note(uid, Verdict.DELIVERED, "C-FIND", "found at the destination", false);
      }
    }
  }

  @Override
  public void outcome(Instance instance, StoreOutcome outcome) {
    String uid = instance.sopInstance();
    if (outcome instanceof StoreOutcome.Stored) {
      note(uid, table.ofDimse(0), "0000", null, true);
    } else if (outcome instanceof StoreOutcome.StoredWithWarning warning) {
      note(uid, table.ofDimse(warning.status()), hex(warning.status()), null, true);
    } else if (outcome instanceof StoreOutcome.Refused refusal) {
      note(uid, table.ofDimse(refusal.status()), hex(refusal.status()), null, true);
    } else if (outcome instanceof StoreOutcome.ContextNotAccepted context) {
      note(
          uid,
          Verdict.REFUSED,
          "context",
          "SOP class " + context.sopClass() + " not taken in " + context.transferSyntax(),
          false);
    } else if (outcome instanceof StoreOutcome.Unanswered silence) {
      outage = said(silence.end());
      unanswered = true;
      note(uid, table.ofSilence(), "silence", said(silence.end()), true);
    } else if (outcome instanceof StoreOutcome.Unreadable) {
      unreadable = true;
      note(uid, Verdict.RETRY, "unreadable", "our own file cannot be read", false);
    } else if (outcome instanceof StoreOutcome.NotSent notSent) {
      outage = said(notSent.end());
    }
  }

  private static String hex(int status) {
    return String.format("%04X", status);
  }

  /** How an association ended, in words without a value of the peer's. */
  private static String said(AssociationEnd end) {
    if (end instanceof AssociationEnd.Rejected rejected) {
      return "association rejected: " + rejected.reason();
    }
    if (end instanceof AssociationEnd.PeerAborted) {
      return "the peer aborted the association";
    }
    if (end instanceof AssociationEnd.TimedOut timedOut) {
      return "silent for too long, waiting for " + timedOut.phase();
    }
    if (end instanceof AssociationEnd.Violated violated) {
      return "the peer broke the protocol: " + violated.what();
    }
    if (end instanceof AssociationEnd.Lost lost) {
      return "connection lost: " + lost.what();
    }
    return end instanceof AssociationEnd.GivenUp ? "given up" : "released";
  }

  /** What a destination that takes instances one by one said about one. */
  void answered(Parcel parcel, int httpStatus) {
    Verdict verdict = table.ofHttp(httpStatus);
    note(parcel.sopInstanceUid(), verdict, "HTTP " + httpStatus, null, true);
    if (verdict == Verdict.OUTAGE) {
      outage = "HTTP " + httpStatus;
    }
  }

  /** A destination without answers of its own took one. */
  void taken(Parcel parcel) {
    note(parcel.sopInstanceUid(), Verdict.DELIVERED, "taken", null, true);
  }

  /** Sending one ended without an answer. */
  void broke(Parcel parcel, Verdict verdict, String why) {
    if (verdict == Verdict.OUTAGE) {
      outage = why;
    } else {
      unanswered |= verdict == Verdict.UNCONFIRMED;
      note(
          parcel.sopInstanceUid(),
          verdict,
          verdict == Verdict.UNCONFIRMED ? "silence" : "error",
          why,
          true);
    }
  }

  private void note(String uid, Verdict verdict, String peerStatus, String detail, boolean asked) {
    Verdict meant = verdict == Verdict.OUTAGE ? Verdict.RETRY : verdict;
    if (verdict == Verdict.OUTAGE && outage.isEmpty()) {
      outage = "answered " + peerStatus;
    }
    confirmed += meant.isConfirmed() ? 1 : 0;
    refused += meant == Verdict.REFUSED ? 1 : 0;
    log.add(new Answer(batch.id(), batch.destination(), uid, meant, peerStatus, detail, asked));
  }

  /** How many associations it took. */
  void tookAssociations(Integer number) {
    associations = number == null ? 0 : number;
  }

  /** What it came to. */
  Attempt attempt() {
    boolean ended = !outage.isEmpty();
    int tried = left.isEmpty() ? associations : Math.max(1, associations);
    return new Attempt(confirmed, refused, unanswered, outage, tried, ended ? 1 : 0, unreadable);
  }
}
