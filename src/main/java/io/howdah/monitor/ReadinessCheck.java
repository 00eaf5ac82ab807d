package io.howdah.monitor;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** One of our checks as Camel knows health checks: part of readiness, never of liveness. */
final class ReadinessCheck extends AbstractHealthCheck {
  static final String CODE = "code";
  private final Supplier<Condition> look;

  ReadinessCheck(String name, Supplier<Condition> look) {
    super("howdah", name);
    this.look = look;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    Condition condition = look.get();
    if (condition.level() == Condition.Level.DOWN) {
      builder.down();
    } else {
      builder.up();
    }
    if (condition.level() != Condition.Level.UP) {
      builder.message(condition.sentence()).detail(CODE, condition.code());
    }
  }
}
