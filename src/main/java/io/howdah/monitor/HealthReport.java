package io.howdah.monitor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Comparator;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;

/**
 * What all health checks said at one moment: ours, Camel's own, and those a site put into its
 * registry.
 */
record HealthReport(boolean ready, ObjectNode json) {
  /** The answer when the checks themselves do not come back. */
  static final HealthReport HANGING =
      new HealthReport(
          false,
          JsonNodeFactory.instance
              .objectNode()
              .put("status", "DOWN")
              .set(
                  "checks",
                  JsonNodeFactory.instance
                      .arrayNode()
                      .add(
                          JsonNodeFactory.instance
                              .objectNode()
                              .put("name", "checks")
                              .put("status", "DOWN")
                              .put("code", "CHECKS_HANG")
                              .put(
                                  "message",
                                  "the checks have not come back for 10 s; a disk or the database hangs"))));

  static HealthReport of(CamelContext context) {
    Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context, "full");
    boolean ready = HealthCheckHelper.isResultsUp(results, true);
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("status", ready ? "UP" : "DOWN");
    ArrayNode checks = json.putArray("checks");
    results.stream()
        .sorted(Comparator.comparing(result -> result.getCheck().getId()))
        .forEach(result -> checks.add(json(result)));
    return new HealthReport(ready, json);
  }

  private static ObjectNode json(HealthCheck.Result result) {
    Object code = result.getDetails().get(ReadinessCheck.CODE);
    boolean up = result.getState() == HealthCheck.State.UP;
    ObjectNode check =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", result.getCheck().getId())
            .put("status", !up ? "DOWN" : code == null ? "UP" : "NOTE");
    if (code != null) {
      check.put("code", code.toString());
    }
    // what others say in their messages is not known to be fit for anybody's eyes
    if (code != null || up && "howdah".equals(result.getCheck().getGroup())) {
      result.getMessage().ifPresent(message -> check.put("message", message));
    }
    return check;
  }
}
