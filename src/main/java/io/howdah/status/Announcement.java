package io.howdah.status;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An event to be published on a channel once the change it tells of is committed (contract §3). */
public record Announcement(String channel, ObjectNode payload) {}
