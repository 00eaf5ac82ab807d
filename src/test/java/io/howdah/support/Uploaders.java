package io.howdah.support;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Senders that never give up: each sends one new object after the other, again and again until it
 * is answered 202, and writes that down. Every second upload carries an Idempotency-Key. Safe for
 * use by many threads.
 */
public final class Uploaders implements AutoCloseable {
  private static final long LARGEST = 60_000;

  private final Supplier<URI> where;
  private final ClientLedger ledger;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong serial;
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicReference<String> strange = new AtomicReference<>();
  private volatile boolean stopping;

  /**
   * @param where the gateway's address at the moment; it may move
   * @param seed makes the objects different from those of other runs on the same directory
   */
  public Uploaders(Supplier<URI> where, ClientLedger ledger, long seed) {
    this.where = where;
    this.ledger = ledger;
    this.serial = new AtomicLong(seed * 1_000_000);
  }

  /** Lets {@code count} senders begin. */
  public Uploaders begin(int count) {
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::send, "sender-" + i);
      threads.add(thread);
      thread.start();
    }
    return this;
  }

  private void send() {
    while (!stopping) {
      long number = serial.incrementAndGet();
      Random random = new Random(number);
      byte[] file = TinyDicom.object(number, 2 * (256 + random.nextInt((int) LARGEST / 2)));
      Optional<String> key =
          number % 2 == 0 ? Optional.of("key-" + number) : Optional.<String>empty();
      while (!stopping && !isTaken(file, key)) {
        Pause.aMoment();
      }
    }
  }

  private boolean isTaken(byte[] file, Optional<String> key) {
    URI uri = where.get();
    if (uri == null) {
      return false;
    }
    try {
      GatewayClient.Reply reply = new GatewayClient(uri).upload(file, key);
      if (reply.status() != 202) {
        refused.incrementAndGet();
        if (reply.status() != 503) {
          strange.set(reply.toString());
        }
      }
      return ledger.answered(reply, file);
    } catch (IOException e) {
      return false; // nothing is known about it: sent again
    }
  }

  /** Answers other than 202. */
  public int refused() {
    return refused.get();
  }

  /** The last answer that was neither 202 nor 503; empty when there was none. */
  public Optional<String> strange() {
    return Optional.ofNullable(strange.get());
  }

  @Override
  public void close() {
    stopping = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
