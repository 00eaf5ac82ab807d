package io.howdah.batch;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Shows batches in JMX while it is open; two in one JVM are told apart by their node. */
public final class ManagedBatches implements BatchesMXBean, AutoCloseable {
  private static final int AT_ONCE = 100;

  private final BatchDesk desk;
  private final ObjectName name;

  /**
   * @param node names this process
   */
  public ManagedBatches(BatchDesk desk, String node) {
    this.desk = desk;
    try {
      name = new ObjectName("io.howdah:type=Batches,node=" + ObjectName.quote(node));
      server().registerMBean(this, name);
    } catch (JMException e) {
      throw new IllegalStateException("JMX does not take the batches' bean", e);
    }
  }

  private static MBeanServer server() {
    return ManagementFactory.getPlatformMBeanServer();
  }

  @Override
  public Map<String, Long> getUnfinished() {
    Map<String, Long> counts = new TreeMap<>();
    for (DestinationFigures figures : desk.destinations()) {
      figures
          .unfinished()
          .forEach((status, count) -> counts.put(figures.name() + " " + status, count));
    }
    return counts;
  }

  @Override
  public Map<String, Long> getStuck() {
    Map<String, Long> counts = new TreeMap<>();
    desk.destinations().forEach(figures -> counts.put(figures.name(), figures.stuck()));
    return counts;
  }

  @Override
  public Map<String, String> getOpenCircuits() {
    Map<String, String> open = new TreeMap<>();
    for (DestinationFigures figures : desk.destinations()) {
      if (figures.circuitFailures() > 0) {
        open.put(figures.name(), figures.circuitReason());
      }
    }
    return open;
  }

  @Override
  public Map<String, Double> getAssociationSuccessRates() {
    Map<String, Double> rates = new TreeMap<>();
    desk.destinations().forEach(figures -> rates.put(figures.name(), figures.successRate()));
    return rates;
  }

  @Override
  public List<String> list() {
    List<String> lines = new ArrayList<>();
    for (BatchStatus status : BatchStatus.values()) {
      if (status != BatchStatus.SENT) {
        desk.page(
                new BatchDesk.Filter(Optional.of(status), Optional.empty(), Optional.empty()),
                1,
                AT_ONCE)
            .batches()
            .forEach(
                batch ->
                    lines.add(
                        batch.id()
                            + " "
                            + batch.status()
                            + (batch.held() ? " held " : " ")
                            + batch.destination()
                            + " "
                            + batch.studyUid()
                            + " "
                            + batch.confirmed()
                            + "/"
                            + batch.instances()
                            + " "
                            + batch.error()));
      }
    }
    return lines;
  }

  @Override
  public boolean complete(long batch) {
    return desk.grant(batch, Wish.COMPLETE);
  }

  @Override
  public boolean hold(long batch) {
    return desk.grant(batch, Wish.HOLD);
  }

  @Override
  public boolean release(long batch) {
    return desk.grant(batch, Wish.RELEASE);
  }

  @Override
  public boolean requeue(long batch) {
    return desk.grant(batch, Wish.REQUEUE);
  }

  @Override
  public void close() {
    try {
      server().unregisterMBean(name);
    } catch (JMException e) {
      throw new IllegalStateException("JMX does not give the batches' bean back", e);
    }
  }
}
