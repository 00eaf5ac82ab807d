package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.Uploaders;
import io.howdah.support.Verifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F01 and F03: kill -9 at random moments, some of them during recovery, while senders send. {@code
 * -Dkill.rounds=200} for the long run, {@code -Dkill.seed=} to do one again.
 */
class KillLoopIT {
  private static final int ROUNDS = Integer.getInteger("kill.rounds", 15);
  private static final int SENDERS = 6;
  private static final Duration TO_RECOVER = Duration.ofSeconds(60);

  @TempDir Path data;
  private volatile URI where;

  @Test
  void whenever_the_process_is_killed_nothing_accepted_is_lost_or_doubled() {
    long seed = Long.getLong("kill.seed", System.nanoTime());
    Random random = new Random(seed);
    ClientLedger ledger = new ClientLedger();
    try (Uploaders uploaders = new Uploaders(() -> where, ledger, 1).begin(SENDERS)) {
      for (int round = 0; round < ROUNDS; round++) {
        try (GatewayProcess gateway = GatewayProcess.on(data).launch()) {
          boolean inRecovery = random.nextInt(5) == 0;
          if (!inRecovery) {
            assertThat(gateway.awaitReady()).as("seed %d: %s", seed, gateway.log()).isTrue();
            where = gateway.uri();
          }
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(2_950)));
          where = null;
          gateway.kill9();
        }
      }
      try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
        where = gateway.uri();
        int before = ledger.entries().size();
        Pause.until("it takes files again", TO_RECOVER, () -> ledger.entries().size() > before);
        uploaders.close();
        Verifier verifier = Verifier.of(data);
        verifier.awaitSettled(TO_RECOVER);
        Pause.until(
            "no violation with seed " + seed + ", but " + verifier.verify(ledger),
            TO_RECOVER,
            () -> verifier.verify(ledger).isClean());
        System.out.printf("%d kills, seed %d: %s%n", ROUNDS, seed, verifier.verify(ledger));
        assertThat(uploaders.strange()).isEmpty();
      }
    }
  }
}
