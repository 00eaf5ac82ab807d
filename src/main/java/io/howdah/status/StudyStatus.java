package io.howdah.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/** A study's latest status, as GET /status/{study_id} shows it. */
public record StudyStatus(String studyId, StudyState status, Instant timestamp, JsonNode details) {}
