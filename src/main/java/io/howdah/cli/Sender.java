package io.howdah.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Sends files to a gateway over several connections. What fails only for now is sent again under
 * the same Idempotency-Key, so that an answer that got lost makes no second study. Safe for use by
 * many threads.
 */
final class Sender implements AutoCloseable {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A gateway that stumbles over one file must not keep the sender from the others. */
  private static final int OWN_TROUBLE_ATTEMPTS = 3;

  private final GatewayClient client;
  private final Duration patience;
  private final ExecutorService connections;
  private final int number;
  private final AtomicLong progressed = new AtomicLong();
  private volatile String trouble;
  private volatile String gaveUp;

  /**
   * @param number how many connections
   * @param patience how long to go on trying when nothing at all gets through
   */
  Sender(GatewayClient client, int number, Duration patience) {
    this.client = client;
    this.number = number;
    this.patience = patience;
    this.connections = Executors.newFixedThreadPool(number);
  }

  /** Begins to send; {@code sent} hears of every file that has its answer, in many threads. */
  void start(List<Path> files, Consumer<Sent> sent) {
    progressed.set(System.nanoTime());
    Iterator<Path> rest = files.iterator();
    for (int i = 0; i < number; i++) {
      connections.execute(
          () -> {
            for (Path file = next(rest); file != null && gaveUp == null; file = next(rest)) {
              send(file, sent);
            }
          });
    }
    connections.shutdown();
  }

  private static Path next(Iterator<Path> rest) {
    synchronized (rest) {
      return rest.hasNext() ? rest.next() : null;
    }
  }

  /** True when there is nothing more to send, or it gave up. */
  boolean await(Duration atMost) throws InterruptedException {
    return connections.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why nothing gets through now. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Why it no longer tries. */
  Optional<String> gaveUp() {
    return Optional.ofNullable(gaveUp);
  }

  private void send(Path file, Consumer<Sent> sent) {
    try {
      long size = Files.size(file);
      long modified = Files.getLastModifiedTime(file).toMillis();
      String sha256 = Disk.sha256(file);
      long begun = System.nanoTime();
      Optional<Outcome> outcome = answer(file, sha256);
      if (outcome.isEmpty()) {
        return;
      }
      long nanos = System.nanoTime() - begun;
      boolean changed =
          Files.size(file) != size || Files.getLastModifiedTime(file).toMillis() != modified;
      sent.accept(
          new Sent(
              file,
              size,
              modified,
              sha256,
              changed
                  ? new Refused("CHANGED", "the file changed while it was sent; send it again")
                  : outcome.get(),
              nanos));
    } catch (IOException e) {
      sent.accept(
          new Sent(
              file, 0, 0, "", new Refused("UNREADABLE", "this computer cannot read the file"), 0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      gaveUp = "interrupted";
    }
  }

  private Optional<Outcome> answer(Path file, String sha256)
      throws IOException, InterruptedException {
    for (int attempt = 0; gaveUp == null; attempt++) {
      Duration pause = pause(attempt);
      try {
        GatewayClient.Reply reply = client.upload(file, Optional.of(sha256));
        boolean ownTrouble = reply.status() >= 500 && attempt < OWN_TROUBLE_ATTEMPTS;
        if (!reply.isForNow() && !ownTrouble) {
          return judged(reply);
        }
        trouble = "the gateway answered " + reply.summary();
        pause =
            reply.retryAfter().filter(after -> after.compareTo(LONGEST_PAUSE) < 0).orElse(pause);
      } catch (IOException e) {
        if (!Files.isReadable(file)) {
          throw e;
        }
        trouble = "no answer from " + client.base() + " (" + GatewayClient.reason(e) + ")";
      }
      if (System.nanoTime() - progressed.get() + pause.toNanos() > patience.toNanos()) {
        gaveUp = trouble;
        return Optional.empty();
      }
      Thread.sleep(pause.toMillis());
    }
    return Optional.empty();
  }

  private Optional<Outcome> judged(GatewayClient.Reply reply) {
    progressed.set(System.nanoTime());
    trouble = null;
    if (reply.status() == 401 || reply.status() == 403) {
      gaveUp = "the gateway asks for an API key that it knows; see --key-file";
      return Optional.empty();
    }
    if (reply.status() == 404 || reply.status() == 405) {
      gaveUp = "what answers at " + client.base() + " takes no uploads; is it a gateway?";
      return Optional.empty();
    }
    return Optional.of(outcome(reply));
  }

  /** The answer for one file, or for all that a ZIP holds. */
  private static Outcome outcome(GatewayClient.Reply reply) {
    JsonNode body = reply.body();
    List<JsonNode> files = new ArrayList<>();
    if (body.has("studies")) {
      body.path("studies").forEach(files::add);
    } else {
      files.add(body);
    }
    Optional<JsonNode> refused =
        files.stream().filter(file -> !file.hasNonNull("study_id")).findFirst();
    if (refused.isPresent()) {
      JsonNode why = refused.get();
      return new Refused(
          why.path("code").asText(reply.code()),
          why.path("detail").asText(why.path("message").asText(reply.summary())));
    }
    return new Accepted(
        files.stream().map(file -> file.path("study_id").asText()).toList(),
        files.stream().allMatch(file -> file.path("duplicate").asBoolean()));
  }

  /** Doubling from half a second, with jitter, so that many senders do not return at once. */
  private static Duration pause(int attempt) {
    long most = Math.min(LONGEST_PAUSE.toMillis(), 500L << Math.min(attempt, 10));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
  }

  @Override
  public void close() {
    connections.shutdownNow();
  }

  /** What the gateway made of a file. */
  sealed interface Outcome {}

  /**
   * It has the bytes.
   *
   * @param studyIds one, or as many as a ZIP holds
   * @param duplicate true when it had them before
   */
  record Accepted(List<String> studyIds, boolean duplicate) implements Outcome {}

  /** It will not have them. */
  record Refused(String code, String sentence) implements Outcome {}

  /**
   * A file and its answer.
   *
   * @param modified when it was last changed, in epoch milliseconds
   * @param nanos from the first byte of the first attempt to the answer
   */
  record Sent(Path file, long size, long modified, String sha256, Outcome outcome, long nanos) {}
}
