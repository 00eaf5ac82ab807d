package io.howdah.events;

import java.util.List;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * Tells Redis what the outbox holds: Pub/Sub messages on the contract's channels and the {@code
 * status:{study_id}} keys, of which an older one never replaces a newer. Safe for use by many
 * threads.
 */
public final class RedisRelay {
  /**
   * Sets the key only when what it holds is not newer: true whatever the order in which relays get
   * to speak.
   */
  private static final RedisScript<Long> SET_UNLESS_OLDER =
      RedisScript.of(
          """
          local held = redis.call('GET', KEYS[1])
          if held then
            local ok, json = pcall(cjson.decode, held)
            if ok and type(json) == 'table' and tonumber(json['version'] or 0) > tonumber(ARGV[2]) then
              return 0
            end
          end
          redis.call('SET', KEYS[1], ARGV[1])
          return 1""",
          Long.class);

  private final StringRedisTemplate redis;

  public RedisRelay(StringRedisTemplate redis) {
    this.redis = redis;
  }

  /** Writes a study's status key. */
  public void setStatus(Outbox.Message message) {
    redis.execute(
        SET_UNLESS_OLDER,
        List.of("status:" + message.studyId()),
        message.payload(),
        Long.toString(message.version()));
  }
}
