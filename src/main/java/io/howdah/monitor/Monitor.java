package io.howdah.monitor;

import io.howdah.disk.OwnFolder;
import io.howdah.events.Outbox;
import io.howdah.settings.Settings;
import io.howdah.status.Studies;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.health.HealthCheckRegistry;

/**
 * All that an operator or a monitoring system sees of a process: health, metrics and the console on
 * a port of their own.
 */
public final class Monitor implements AutoCloseable {
  private static final Duration HEALTH_AGE = Duration.ofSeconds(1);

  private final Metrics metrics;
  private final Backlog backlog;
  private final Readiness readiness;
  private final Fresh<HealthReport> health;
  private final Jolokia jolokia = new Jolokia();
  private final ManagementServer server;
  private CamelContext context;

  /**
   * @param folders those that this process works in
   * @param writeProbe throws StorageUnavailable when the database takes no write
   * @param sessions their page, in a process that has them
   * @throws IOException when the users of the console cannot be read or made
   */
  public Monitor(
      Settings settings,
      List<OwnFolder> folders,
      Metrics metrics,
      Studies studies,
      Outbox outbox,
      Runnable writeProbe,
      Optional<SessionBoard> sessions,
      InstantSource clock)
      throws IOException {
    Users users = Users.read(settings.management().usersFile(), settings.data());
    this.metrics = metrics;
    backlog = new Backlog(studies, outbox);
    metrics.show(backlog);
    readiness = new Readiness(settings, folders, writeProbe, backlog, clock);
    health = new Fresh<>("health", () -> HealthReport.of(context), HEALTH_AGE);
    server =
        new ManagementServer(
            settings.management(),
            users,
            () -> !context.isStopped(),
            health,
            () -> metrics.registry().scrape(),
            new Console(),
            sessions,
            jolokia);
  }

  /** What Camel has to know before it starts. */
  public static Properties camelProperties() {
    Properties properties = new Properties();
    properties.setProperty("camel.metrics.enabled", "true");
    properties.setProperty("camel.metrics.route-policy-level", "route");
    properties.setProperty("camel.metrics.enable-exchange-event-notifier", "false");
    properties.setProperty("camel.metrics.clear-on-reload", "false");
    properties.setProperty("camel.main.inflight-repository-browse-enabled", "true");
    properties.setProperty("camel.health.routes-enabled", "false");
    properties.setProperty("camel.health.consumers-enabled", "false");
    properties.setProperty("camel.health.producers-enabled", "false");
    return properties;
  }

  /** Gives Camel the meters and the checks. */
  public void bind(CamelContext camel) {
    context = camel;
    camel
        .getRegistry()
        .bind(MicrometerConstants.METRICS_REGISTRY_NAME, MeterRegistry.class, metrics.registry());
    camel.addRoutePolicyFactory(new IntakeTiming(metrics));
    camel.getCamelContextExtension().setManagementMBeanAssembler(new KeptModels(camel));
  }

  /** Opens the management port. */
  public void open() {
    HealthCheckRegistry checks = HealthCheckRegistry.get(context);
    readiness.checks(context).forEach(checks::register);
    server.open();
  }

  /** The management port in use. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
    jolokia.close();
    health.close();
    backlog.close();
    metrics.close();
  }
}
