package io.howdah.http;

import io.howdah.settings.Settings;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A request's body while it comes in: its bytes go to a {@link Receiver} on a {@link Lane}, with
 * back-pressure, at the client's own pace as long as that is not too slow. Its handlers run on the
 * connection's event loop.
 */
public final class IncomingBody {
  private static final long PAUSE_ABOVE = 1024 * 1024;
  private static final long RESUME_BELOW = 64 * 1024;

  /** Bytes of all bodies together that may wait for the disk before each gets only little. */
  private static final long ALL_LIMIT = 32L * 1024 * 1024;

  private static final long PAUSE_ABOVE_WHEN_BUSY = 128 * 1024;

  /** Why a body ended before its end. */
  public enum Cut {
    /** The connection ended, or its framing was broken. */
    BROKEN_OFF,
    /** It brought too few bytes for too long. */
    TOO_SLOW
  }

  /** What a body's bytes are for. All its calls are steps of one lane: one after the other. */
  public interface Receiver {
    /** More bytes, valid during the call only. */
    void bytes(ByteBuffer bytes) throws Exception;

    /** All bytes have come. */
    void complete() throws Exception;

    /** No more will come; may be told more than once, and after {@link #complete}. */
    void cut(Cut cut) throws Exception;

    /** A step ended in an exception. */
    void failed(Throwable failure);
  }

  private final RoutingContext rc;
  private final HttpServerRequest request;
  private final Context context;
  private final Settings.Http settings;
  private final AtomicLong waitingOfAll;
  private final Receiver receiver;
  private final Lane lane;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private volatile long lastByte = System.nanoTime();
  private volatile boolean paused;
  private volatile boolean over;
  private long paced;
  private long timer = -1;

  /**
   * To be made on the connection's event loop.
   *
   * @param waitingOfAll bytes of all bodies of this kind that wait for the disk
   */
  public IncomingBody(
      RoutingContext rc,
      Settings.Http settings,
      Executor workers,
      AtomicLong waitingOfAll,
      Receiver receiver) {
    this.rc = rc;
    this.request = rc.request();
    this.context = rc.vertx().getOrCreateContext();
    this.settings = settings;
    this.waitingOfAll = waitingOfAll;
    this.receiver = receiver;
    this.lane = new Lane(workers, receiver::failed);
  }

  /** Begins to read; to be called on the connection's event loop. */
  public void begin() {
    request.handler(this::take);
    request.exceptionHandler(e -> inOrder(() -> receiver.cut(Cut.BROKEN_OFF)));
    request.endHandler(end -> inOrder(this::complete));
    request.response().closeHandler(closed -> inOrder(() -> receiver.cut(Cut.BROKEN_OFF)));
    BusinessServer.atItsOwnPace(rc);
    lastByte = System.nanoTime();
    timer = rc.vertx().setPeriodic(settings.idleTimeout().toMillis(), tick -> pace());
    if (request.getHeader("Expect") != null) {
      request.response().writeContinue();
    }
  }

  private void take(Buffer buffer) {
    int length = buffer.length();
    received.addAndGet(length);
    lastByte = System.nanoTime();
    long all = waitingOfAll.addAndGet(length);
    if (waiting.addAndGet(length) > (all > ALL_LIMIT ? PAUSE_ABOVE_WHEN_BUSY : PAUSE_ABOVE)
        && !paused) {
      paused = true;
      request.pause();
    }
    inOrder(
        () -> {
          try {
            if (!over) {
              receiver.bytes(ByteBuffer.wrap(bytesOf(buffer)));
            }
          } finally {
            waitingOfAll.addAndGet(-length);
            if (waiting.addAndGet(-length) < RESUME_BELOW && paused) {
              context.runOnContext(free -> resume());
            }
          }
        });
  }

  /** The bytes themselves where Vert.x gave us an array of exactly these, else a copy. */
  private static byte[] bytesOf(Buffer buffer) {
    ByteBuf bytes = buffer.getByteBuf();
    return bytes.hasArray()
            && bytes.arrayOffset() == 0
            && bytes.readableBytes() == bytes.array().length
        ? bytes.array()
        : buffer.getBytes();
  }

  private void complete() throws Exception {
    if (!over) {
      receiver.complete();
    }
  }

  private void resume() {
    if (paused && waiting.get() < RESUME_BELOW) {
      paused = false;
      lastByte = System.nanoTime();
      request.resume();
    }
  }

  /**
   * Cuts off a body that brings too little; a body that waits for our own disk is not the client's
   * fault.
   */
  private void pace() {
    long now = received.get();
    if (!paused
        && now - paced < settings.minBodyRate() * settings.idleTimeout().toMillis() / 1000) {
      inOrder(() -> receiver.cut(Cut.TOO_SLOW));
    }
    paced = now;
  }

  /** Does a step after those that came before it; when the gateway stops, ends the connection. */
  public void inOrder(Lane.Step step) {
    try {
      lane.run(step);
    } catch (RejectedExecutionException e) {
      request.connection().close(); // the gateway stops; the sender tries again later
    }
  }

  /** What still comes is dropped; to be called in a step. */
  public void end() {
    over = true;
    rc.vertx().cancelTimer(timer);
  }

  /** Bytes that have come. */
  public long received() {
    return received.get();
  }

  /** True when its sender, and not our disk, has let it wait for so many nanoseconds. */
  public boolean isSilentFor(long nanos) {
    return !paused && waiting.get() == 0 && System.nanoTime() - lastByte > nanos;
  }
}
