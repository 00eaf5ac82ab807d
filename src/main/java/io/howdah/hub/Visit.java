package io.howdah.hub;

import io.howdah.disk.StorageUnavailable;
import io.howdah.http.Answer;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to one upload: finds it, waits for its turn without holding a thread, does its work,
 * answers. One who waits makes a silent writer leave.
 */
abstract class Visit implements Turns.Taker {
  private static final Logger LOG = LoggerFactory.getLogger(Visit.class);
  private static final long TICK_MS = 250;

  final TusConsumer hub;
  final RoutingContext rc;
  final String uploadId;
  private final Context context;
  private final String principal;
  private UploadFiles.Entry entry;
  private long since;
  private volatile boolean come;
  private boolean gone;
  private boolean answered;

  /** To be made on the connection's event loop. */
  Visit(TusConsumer hub, RoutingContext rc) {
    this.hub = hub;
    this.rc = rc;
    this.context = rc.vertx().getOrCreateContext();
    this.uploadId = rc.pathParam("id");
    this.principal = TusConsumer.principal(rc.request());
  }

  /** Begins. */
  final void begin() {
    work(this::look);
  }

  private interface Part {
    void run() throws Exception;
  }

  private void work(Part part) {
    try {
      hub.threads()
          .execute(
              () -> {
                try {
                  part.run();
                } catch (Exception | Error e) {
                  failed(e);
                }
              });
    } catch (RejectedExecutionException e) {
      rc.request().connection().close(); // the hub stops; the sender comes again later
    }
  }

  private void look() throws Refused {
    find();
    entry = hub.files().enter(uploadId);
    since = System.nanoTime();
    entry.turns().take(this);
    if (!come) {
      context.runOnContext(tick -> rc.vertx().setPeriodic(TICK_MS, this::waitOn));
    }
  }

  /** The upload's row, as it is now. */
  final HubUpload find() throws Refused {
    return Optional.of(uploadId)
        .filter(TusConsumer::isUploadId)
        .flatMap(id -> hub.uploads().find(id, principal))
        .orElseThrow(() -> new Refused(TusError.UPLOAD_NOT_FOUND));
  }

  private void waitOn(long timer) {
    if (come) {
      rc.vertx().cancelTimer(timer);
      return;
    }
    entry.turns().hurry();
    if (System.nanoTime() - since > hub.hub().lockWait().toNanos() && entry.turns().giveUp(this)) {
      rc.vertx().cancelTimer(timer);
      work(this::late);
    }
  }

  @Override
  public final void turn() {
    come = true;
    work(
        () -> {
          if (rc.response().closed()) {
            leave();
          } else {
            arrived(find(), entry.file());
          }
        });
  }

  /** The turn has come; ends with {@link #leave}. */
  abstract void arrived(HubUpload upload, UploadFile file) throws Exception;

  /** The turn has not come in time. */
  void late() throws Exception {
    answer(hub.refused(TusError.LOCKED));
    leave();
  }

  /** The file, for those who look at it without a turn. */
  final UploadFile file() {
    return entry.file();
  }

  @Override
  public boolean isSilent() {
    return false;
  }

  @Override
  public void makeWay() {
    // whoever works at our own pace leaves soon
  }

  /** Something unexpected, or a refusal: the answer says which. */
  void failed(Throwable failure) {
    answer(problem(failure));
    leave();
  }

  final Answer problem(Throwable failure) {
    if (failure instanceof Refused refused) {
      return hub.refused(refused.error());
    }
    if (failure instanceof IOException || failure instanceof StorageUnavailable) {
      LOG.warn("upload not stored upload={} cause={}", uploadId, failure.getMessage());
    } else {
      LOG.error("upload failed upload={} cause={}", uploadId, String.valueOf(failure));
    }
    return hub.refused(TusError.NOT_STORED);
  }

  /** Lets the next one have its turn; doing it twice is harmless. */
  final synchronized void leave() {
    if (!gone && entry != null) {
      gone = true;
      entry.turns().leave(this);
      hub.files().exit(uploadId);
    }
  }

  /** Answers, once. */
  final synchronized void answer(Answer answer) {
    if (!answered) {
      answered = true;
      inContext(() -> TusConsumer.respond(rc, answer));
    }
  }

  final void inContext(Runnable step) {
    context.runOnContext(now -> step.run());
  }
}
