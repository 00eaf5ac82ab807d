package io.howdah.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.disk.Disk;
import java.util.Optional;

/**
 * One thing that happened (reliability rule 21).
 *
 * @param at milliseconds since 1970, UTC
 * @param from the state before, where a state changed
 * @param hash SHA-256 of the hash before and of this row in its canonical form
 */
public record AuditEntry(
    long seq,
    long at,
    String who,
    String what,
    String item,
    Optional<String> from,
    Optional<String> to,
    String result,
    String previousHash,
    String hash) {
  /** The hash before the first. */
  public static final String GENESIS = "0".repeat(64);

  /** An entry that follows the one with {@code previousHash}. */
  public static AuditEntry after(
      String previousHash,
      long seq,
      long at,
      String who,
      String what,
      String item,
      Optional<String> from,
      Optional<String> to,
      String result) {
    return new AuditEntry(
        seq,
        at,
        who,
        what,
        item,
        from,
        to,
        result,
        previousHash,
        hash(previousHash, seq, at, who, what, item, from, to, result));
  }

  /** True when its hash is that of its own content and of the hash it names. */
  public boolean isIntact() {
    return hash(previousHash, seq, at, who, what, item, from, to, result).equals(hash);
  }

  /** The canonical form is a JSON array, in which no two different rows are the same text. */
  private static String hash(
      String previousHash,
      long seq,
      long at,
      String who,
      String what,
      String item,
      Optional<String> from,
      Optional<String> to,
      String result) {
    ArrayNode row =
        JsonNodeFactory.instance
            .arrayNode()
            .add(seq)
            .add(at)
            .add(who)
            .add(what)
            .add(item)
            .add(from.orElse(null))
            .add(to.orElse(null))
            .add(result);
    return Disk.sha256(previousHash + row);
  }
}
