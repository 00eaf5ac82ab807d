package io.howdah.cli;

import io.howdah.Gateway;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a gateway on SIGTERM or Ctrl-C: gracefully, in bounded time, with an exit code of ours. */
final class Stopping {
  /** Ten seconds are promised; this leaves the gateway most of them. */
  private static final long DEADLINE_MS = 9_700;

  private final Thread hook;

  private Stopping(Thread hook) {
    this.hook = hook;
  }

  /**
   * From now on a signal ends {@code gateway} and then the process.
   *
   * @param exitCode what the process ends with when the gateway stopped in time
   */
  static Stopping onSignal(Gateway gateway, IntSupplier exitCode) {
    Thread hook = new Thread(() -> stop(gateway, exitCode), "howdah-stopping");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Stopping(hook);
  }

  /** The process is ending for another reason, with another exit code. */
  void noLonger() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the signal came first, and has the last word
    }
  }

  private static void stop(Gateway gateway, IntSupplier exitCode) {
    Logger log = LoggerFactory.getLogger(Stopping.class);
    AtomicBoolean failed = new AtomicBoolean();
    Thread closing =
        new Thread(
            () -> {
              try {
                gateway.close();
              } catch (RuntimeException e) {
                failed.set(true);
                log.warn("stop went wrong cause={}", e.getMessage());
              }
            },
            "howdah-closing");
    closing.start();
    try {
      closing.join(DEADLINE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    boolean inTime = !closing.isAlive();
    if (inTime) {
      log.info("stopped");
    } else {
      log.warn("stopped with work under way; it goes on at the next start");
    }
    Logs.flush();
    // the JVM would answer a signal with 143; whoever asked for the stop wants to hear that it went
    // well
    Runtime.getRuntime().halt(inTime && !failed.get() ? exitCode.getAsInt() : Howdah.NOT_WELL);
  }
}
