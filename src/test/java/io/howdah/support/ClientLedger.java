package io.howdah.support;

import io.howdah.disk.Disk;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What the senders know: every upload that was answered 202, with the digest of the bytes they
 * sent. Safe for use by many threads.
 */
public final class ClientLedger {
  private final List<Acked> entries = new CopyOnWriteArrayList<>();

  /** One answer of 202. */
  public record Acked(String studyId, String sha256, boolean duplicate) {}

  /** Writes an answer down. */
  public void acked(String studyId, byte[] sent, boolean duplicate) {
    entries.add(new Acked(studyId, sha256(sent), duplicate));
  }

  /** Writes an answer down when it is a 202; true when it is. */
  public boolean answered(GatewayClient.Reply reply, byte[] sent) {
    if (reply.status() != 202) {
      return false;
    }
    acked(reply.studyId().orElseThrow(), sent, reply.body().path("duplicate").asBoolean(false));
    return true;
  }

  /** Takes over what another ledger has. */
  public void add(Acked acked) {
    entries.add(acked);
  }

  /** Everything written down. */
  public List<Acked> entries() {
    return List.copyOf(entries);
  }

  /** Lowercase hex digest of {@code bytes}. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Disk.sha256().digest(bytes));
  }
}
