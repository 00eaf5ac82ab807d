package io.howdah.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.dicom.Uids;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Upload-Metadata (tus 1.0, creation): what a sender says of its file, read strictly. */
final class UploadMetadata {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x2B\\x2D-\\x7E]{1,64}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** What names of sessions, visits and manifests are made of. */
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private static final int FILENAME = 255;

  private UploadMetadata() {}

  /**
   * @param length Upload-Length
   * @throws Refused when something is missing or is not what it should be
   */
  static AnnouncedFile read(String text, long length) throws Refused {
    Map<String, String> values = pairs(text == null ? "" : text);
    String sha256 = values.getOrDefault("sha256", "").toLowerCase(Locale.ROOT);
    Optional<String> encoding = present(values, "encoding");
    Optional<String> size = present(values, "size");
    Optional<String> study = present(values, "study_uid");
    boolean fine =
        SHA256.matcher(sha256).matches()
            && NAME.matcher(values.getOrDefault("session_id", "")).matches()
            && NUMBER.matcher(values.getOrDefault("radiology_order_id", "")).matches()
            && present(values, "visit_id").map(id -> NAME.matcher(id).matches()).orElse(true)
            && present(values, "manifest_id").map(id -> NAME.matcher(id).matches()).orElse(true)
            && study.map(Uids::isSafe).orElse(true)
            && size.map(number -> NUMBER.matcher(number).matches()).orElse(encoding.isEmpty())
            && encoding.map("zstd"::equals).orElse(true)
            && present(values, "metadata").map(UploadMetadata::isObject).orElse(true);
    if (!fine) {
      throw new Refused(TusError.BAD_METADATA);
    }
    return new AnnouncedFile(
        values.get("session_id"),
        present(values, "visit_id"),
        Long.parseLong(values.get("radiology_order_id")),
        length,
        size.map(Long::parseLong).orElse(length),
        sha256,
        encoding,
        study,
        present(values, "manifest_id"),
        present(values, "filename").map(UploadMetadata::shown),
        text);
  }

  private static Optional<String> present(Map<String, String> values, String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
  }

  /** Keys and values as the protocol has them: key, space, base64; a comma between pairs. */
  private static Map<String, String> pairs(String text) throws Refused {
    Map<String, String> values = new HashMap<>();
    for (String pair : text.split(",")) {
      String[] parts = pair.strip().split(" +", 2);
      if (parts[0].isEmpty() && parts.length == 1) {
        continue;
      }
      if (!KEY.matcher(parts[0]).matches()
          || values.putIfAbsent(parts[0], parts.length == 1 ? "" : decoded(parts[1])) != null) {
        throw new Refused(TusError.BAD_METADATA);
      }
    }
    return values;
  }

  private static String decoded(String base64) throws Refused {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
          .toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new Refused(TusError.BAD_METADATA);
    }
  }

  /** A name is only ever shown, never a path of ours; what a terminal would obey is left out. */
  private static String shown(String name) {
    String plain = name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "");
    return plain.substring(0, Math.min(FILENAME, plain.length()));
  }

  private static boolean isObject(String text) {
    try {
      return JSON.readTree(text).isObject();
    } catch (JsonProcessingException e) {
      return false;
    }
  }
}
