package io.howdah.pacsupload;

import java.time.Instant;

/** One attempt of the past and what it came to. */
public record Attempt(
    int number, String node, String outcome, String detail, Instant startedAt, Instant endedAt) {}
