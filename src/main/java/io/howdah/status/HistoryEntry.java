package io.howdah.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * One status a study had or was reported to have.
 *
 * @param applied false when the report came too late to count
 */
public record HistoryEntry(
    long seq,
    StudyState status,
    Instant timestamp,
    boolean applied,
    String node,
    JsonNode details) {}
