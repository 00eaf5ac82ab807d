package io.howdah;

import io.howdah.monitor.Monitor;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: the parts and routes of its roles in one Camel Main. A route file in {@code
 * config/routes} replaces the packaged one of the same name.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private final Parts parts;
  private final Main main;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Gateway(Parts parts, Main main) {
    this.parts = parts;
    this.main = main;
  }

  /**
   * Starts everything; returns when the business port is open.
   *
   * @throws IOException when a folder or file it needs cannot be had
   */
  public static Gateway start(Settings settings) throws IOException {
    Gateway gateway = prepared(settings);
    try {
      gateway.main.start();
      gateway.parts.open();
      LOG.info(
          "gateway ready pid={} roles={} in={}ms",
          ProcessHandle.current().pid(),
          settings.roles().stream().map(Role::key).collect(Collectors.joining(",")),
          ManagementFactory.getRuntimeMXBean().getUptime());
      return gateway;
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  /** Returns when the gateway has been told to stop, by {@link #close} or through JMX. */
  public void awaitStop() throws InterruptedException {
    main.getShutdownStrategy().await();
  }

  private static Gateway prepared(Settings settings) throws IOException {
    Parts parts = Parts.of(settings);
    Main main = new Main();
    // who started the gateway decides what a signal does
    main.setShutdownStrategy(new SimpleMainShutdownStrategy());
    main.setDefaultPropertyPlaceholderLocation("false");
    main.setInitialProperties(properties(settings));
    main.addMainListener(
        new MainListenerSupport() {
          @Override
          public void beforeConfigure(BaseMainSupport support) {
            CamelContext context = support.getCamelContext();
            parts.bind(context);
          }

          @Override
          public void afterConfigure(BaseMainSupport support) {
            parts.addRoutes(support.getCamelContext());
          }
        });
    return new Gateway(parts, main);
  }

  private static Properties properties(Settings settings) throws IOException {
    Properties properties = new Properties();
    settings.effective().forEach(properties::setProperty);
    properties.setProperty("howdah.intake.uploads", settings.intake().uploads().toString());
    properties.setProperty("howdah.inbox.directory", settings.inbox().directory().toString());
    properties.setProperty(
        "howdah.inbox.poll-ms", Long.toString(settings.inbox().poll().toMillis()));
    properties.setProperty(
        "howdah.inbox.settle-ms", Long.toString(settings.inbox().settle().toMillis()));
    properties.setProperty("howdah.events.retention-iso", settings.events().retention().toString());
    properties.setProperty("howdah.batch.retention-iso", settings.batch().retention().toString());
    properties.setProperty(
        "howdah.work.lease-renewal", Long.toString(settings.work().lease().toMillis() / 3));
    properties.setProperty(
        "howdah.pacs-upload.links-ms",
        Long.toString(Math.max(200, settings.pacsUpload().poll().toMillis())));
    properties.setProperty(
        "howdah.sessions.max-file-bytes", Long.toString(settings.sessions().maxFileSize()));
    DicomParts.properties(settings, properties);
    settings
        .pacsUpload()
        .canary()
        .ifPresent(
            every ->
                properties.setProperty(
                    "howdah.pacs-upload.canary-ms", Long.toString(every.toMillis())));
    settings
        .redis()
        .ifPresent(
            redis -> {
              properties.setProperty("howdah.redis.host", redis.getHost());
              properties.setProperty(
                  "howdah.redis.port",
                  Integer.toString(redis.getPort() < 0 ? 6379 : redis.getPort()));
            });
    properties.putAll(Monitor.camelProperties());
    properties.setProperty("camel.main.name", "howdah");
    properties.setProperty("camel.main.shutdown-timeout", "6");
    properties.setProperty("camel.main.shutdown-log-inflight-exchanges-on-timeout", "false");
    properties.setProperty("camel.main.startup-summary-level", "Off");
    properties.setProperty("camel.component.seda.queue-size", "10000");
    // how late a worker without work sees that it is to stop; one queue is asked after the other
    properties.setProperty("camel.component.seda.default-poll-timeout", "200");
    // only what needs Redis may come up later; every other route is up before the port opens
    properties.setProperty("camel.routecontroller.enabled", "true");
    properties.setProperty("camel.routecontroller.include-routes", "events-redis-*");
    properties.setProperty("camel.routecontroller.back-off-delay", "2000");
    properties.setProperty("camel.routecontroller.back-off-max-delay", "5000");
    properties.setProperty("camel.main.routes-include-pattern", String.join(",", routes(settings)));
    return properties;
  }

  /**
   * The route files of this process's roles; a site's own replace the packaged ones and may add to
   * them.
   */
  static List<String> routes(Settings settings) throws IOException {
    List<String> names = new ArrayList<>(List.of("errors", "housekeeping"));
    Set<Role> roles = settings.roles();
    if (roles.contains(Role.GATEWAY)) {
      names.addAll(List.of("intake", "inbox", "reconcile"));
      if (settings.dicom().listens()) {
        names.add("dicom-in");
      }
      if (settings.intake().canary().isPresent()) {
        names.add("canary");
      }
    }
    if (roles.contains(Role.VALIDATOR)) {
      names.add("validate");
    }
    if (roles.contains(Role.DESCRIPTOR)) {
      names.add("describe");
    }
    if (roles.contains(Role.STORAGE)) {
      names.add("archive");
      if (settings.archive().scrubs()) {
        names.add("scrub");
      }
    }
    if (roles.contains(Role.GATEWAY) || roles.contains(Role.STATUS)) {
      names.add("status");
    }
    if (roles.contains(Role.BATCH)) {
      names.add("batch");
    }
    if (roles.contains(Role.SEND)) {
      names.add("send");
    }
    if (names.contains("status") && (names.contains("batch") || names.contains("send"))) {
      names.add("batch-api");
    }
    if (roles.contains(Role.PACS_UPLOAD)) {
      names.add("pacs-upload");
      if (settings.pacsUpload().canary().isPresent()) {
        names.add("pacs-upload-canary");
      }
      if (roles.contains(Role.GATEWAY) || roles.contains(Role.STATUS)) {
        names.add("pacs-upload-api");
      }
    }
    if (roles.contains(Role.SESSIONS)) {
      names.add("sessions");
    }
    if (roles.contains(Role.SYNC)) {
      names.add("sync");
    }
    if (roles.contains(Role.HUB)) {
      names.addAll(List.of("hub", "hub-api", "hub-radiology"));
    }
    if (roles.contains(Role.HUB) && !names.contains("status")) {
      names.add("status");
    }
    if (settings.redis().isPresent()) {
      names.add("events-redis");
      for (String stage : List.of("validate", "describe", "archive", "batch")) {
        if (names.contains(stage)) {
          names.add("events-redis-" + stage);
        }
      }
    }
    if (settings.statusService().isPresent()) {
      names.add("events-status-service");
    }
    List<String> locations = new ArrayList<>();
    Path own = settings.config().resolve("routes");
    if (Files.isDirectory(own)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(own, "*.yaml")) {
        for (Path file : files) {
          locations.add("file:" + file);
          names.remove(file.getFileName().toString().replaceFirst("(\\.camel)?\\.yaml$", ""));
        }
      }
    }
    names.forEach(name -> locations.add("classpath:routes/" + name + ".camel.yaml"));
    return locations;
  }

  /** The business port in use. */
  public int port() {
    return parts.server().getPort();
  }

  /** The management port in use. */
  public int managementPort() {
    return parts.monitor().port();
  }

  /** The parts, for those who work beside the routes in the same process. */
  public Parts parts() {
    return parts;
  }

  /** Stops taking work, finishes what is under way for at most 10 s, and lets everything go. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      main.stop();
    } finally {
      parts.close();
    }
  }
}
