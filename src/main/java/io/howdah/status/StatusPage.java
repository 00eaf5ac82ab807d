package io.howdah.status;

import java.util.List;

/**
 * A page of statuses, newest first.
 *
 * @param count how many there are on all pages together
 */
public record StatusPage(List<StudyStatus> results, int page, int pageSize, long count) {}
