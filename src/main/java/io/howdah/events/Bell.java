package io.howdah.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.regex.Pattern;

/**
 * Reads the one thing an event may tell us: which row to look at. Paths, verdicts and everything
 * else in it are somebody's claims; the row decides.
 */
public final class Bell {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** The study an event is about; null when it names none. */
  public String studyId(String event) {
    try {
      JsonNode id = event == null ? null : JSON.readTree(event).path("study_id");
      return id != null && id.isTextual() && ID.matcher(id.asText()).matches() ? id.asText() : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
