package io.howdah;

import io.howdah.batch.Arrivals;
import io.howdah.batch.BatchAggregation;
import io.howdah.batch.BatchApi;
import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchObserver;
import io.howdah.batch.ManagedBatches;
import io.howdah.monitor.BatchMeters;
import io.howdah.monitor.DestinationBoard;
import io.howdah.monitor.Metrics;
import io.howdah.send.ParcelProcessor;
import io.howdah.send.Sends;
import io.howdah.settings.Destination;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.DatabaseTime;
import io.howdah.storage.SqlBatchDesk;
import io.howdah.storage.SqlBatches;
import io.howdah.storage.SqlDeliveries;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.processor.aggregate.UseLatestAggregationStrategy;

/** The long-lived parts of the roles batch and send, made once and in order. */
final class BatchParts implements AutoCloseable {
  private final Settings settings;
  private final Optional<SqlBatches> batches;
  private final Optional<Sends> sends;
  private final BatchObserver observer;
  private final BatchDesk desk;
  private final ManagedBatches managed;
  private final DestinationBoard board;

  BatchParts(
      Settings settings, Database database, InstantSource clock, String node, Metrics metrics)
      throws IOException {
    this.settings = settings;
    DatabaseTime time = DatabaseTime.of(database, clock);
    observer = new BatchMeters(metrics);
    desk = new SqlBatchDesk(database, time, settings.batch().stuckAfter());
    board = new DestinationBoard(metrics, desk, settings.destinations());
    batches =
        settings.roles().contains(Role.BATCH)
            ? Optional.of(
                new SqlBatches(
                    database, time, settings.destinations(), settings.batch().lookBack()))
            : Optional.empty();
    if (settings.roles().contains(Role.SEND)) {
      SqlDeliveries deliveries =
          new SqlDeliveries(database, time, settings.destinations(), node, settings.work().lease());
      if (settings.database().isSqlite()) {
        deliveries.freeAbandoned();
      }
      sends = Optional.of(new Sends(settings, deliveries, observer, clock));
    } else {
      sends = Optional.empty();
    }
    managed = new ManagedBatches(desk, node);
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("batchApi", new BatchApi(desk));
    registry.bind("batchDesk", BatchDesk.class, desk);
    board.checks().forEach(check -> registry.bind(check.getId(), HealthCheck.class, check));
    batches.ifPresent(
        rows -> {
          registry.bind("arrivals", new Arrivals(settings, rows));
          registry.bind("studyBatches", new BatchAggregation(rows, observer));
          registry.bind("latestArrival", new UseLatestAggregationStrategy());
        });
    sends.ifPresent(
        steps -> {
          registry.bind("sends", steps);
          registry.bind("parcelMessage", new ParcelProcessor());
        });
  }

  /** Makes each destination's own routes. */
  void addRoutes(CamelContext context) {
    if (sends.isPresent()) {
      settings.destinations().forEach(destination -> addRoutes(context, destination));
    }
  }

  private static void addRoutes(CamelContext context, Destination destination) {
    String uri = destination.uri();
    make(context, destination, "destination", uri);
    if (destination.isDicom()) {
      make(context, destination, "study", uri);
      make(context, destination, "verify", uri.replaceFirst("^dicom:send", "dicom:find"));
      make(context, destination, "probe", uri.replaceFirst("^dicom:send", "dicom:echo"));
    } else {
      make(context, destination, "instances", uri);
      make(context, destination, "instance", uri);
      if (destination.isHttp()) {
        make(context, destination, "probe", uri);
      }
    }
  }

  private static void make(CamelContext context, Destination destination, String kind, String uri) {
    TemplatedRouteBuilder.builder(context, "send-" + kind)
        .routeId("send-" + kind + "-" + destination.name())
        .parameter("destination", destination.name())
        .parameter("uri", uri)
        .parameter("method", "HEAD")
        .add();
  }

  @Override
  public void close() {
    sends.ifPresent(Sends::close);
    managed.close();
    board.close();
  }
}
