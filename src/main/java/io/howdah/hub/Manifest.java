package io.howdah.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.dicom.Uids;
import io.howdah.disk.Disk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The files of a study that a site says belong together. */
public record Manifest(String manifestId, String studyUid, List<Entry> files) {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int NAME = 255;

  /** One file. */
  public record Entry(String name, String sopInstanceUid, long size, String sha256) {}

  public Manifest {
    files = List.copyOf(files);
  }

  /**
   * Reads {@code {"study_uid","files":[{"name","sop_instance_uid","size","sha256"}]}}.
   *
   * @throws Refused when it is anything else, or has more than {@code most} files
   */
  static Manifest read(String manifestId, String body, int most) throws Refused {
    JsonNode json;
    try {
      json = JSON.readTree(body == null ? "" : body);
    } catch (JsonProcessingException e) {
      throw new Refused(TusError.BAD_MANIFEST);
    }
    String study = json.path("study_uid").asText();
    JsonNode list = json.path("files");
    if (!Uids.isSafe(study) || !list.isArray() || list.isEmpty()) {
      throw new Refused(TusError.BAD_MANIFEST);
    }
    if (list.size() > most) {
      throw new Refused(TusError.TOO_LARGE);
    }
    List<Entry> files = new ArrayList<>(list.size());
    Set<String> seen = new HashSet<>();
    for (JsonNode file : list) {
      Entry entry =
          new Entry(
              file.path("name").asText(),
              file.path("sop_instance_uid").asText(),
              file.path("size").asLong(-1),
              file.path("sha256").asText().toLowerCase(Locale.ROOT));
      if (entry.name().length() > NAME
          || entry.name().indexOf('\0') >= 0
          || !Uids.isSafe(entry.sopInstanceUid())
          || !file.path("size").isIntegralNumber()
          || entry.size() < 1
          || !SHA256.matcher(entry.sha256()).matches()
          || !seen.add(entry.sopInstanceUid())) {
        throw new Refused(TusError.BAD_MANIFEST);
      }
      files.add(entry);
    }
    return new Manifest(manifestId, study, files);
  }

  /** Tells manifests apart. */
  String digest() {
    StringBuilder text = new StringBuilder(studyUid);
    for (Entry file : files) {
      text.append('\n')
          .append(file.sopInstanceUid())
          .append(' ')
          .append(file.size())
          .append(' ')
          .append(file.sha256())
          .append(' ')
          .append(file.name());
    }
    return Disk.sha256(text.toString());
  }
}
