package io.howdah.pacsupload;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Shows the upload in JMX while it is open; two in one JVM are told apart by their node. */
public final class ManagedPacsUploads implements PacsUploadMXBean, AutoCloseable {
  private final PacsUploads uploads;
  private final ObjectName name;

  /**
   * @param node names this process
   */
  public ManagedPacsUploads(PacsUploads uploads, String node) {
    this.uploads = uploads;
    try {
      name = new ObjectName("io.howdah:type=PacsUploads,node=" + ObjectName.quote(node));
      server().registerMBean(this, name);
    } catch (JMException e) {
      throw new IllegalStateException("JMX does not take the upload's bean", e);
    }
  }

  private static MBeanServer server() {
    return ManagementFactory.getPlatformMBeanServer();
  }

  @Override
  public Map<String, String> getHealth() {
    return uploads.health().details();
  }

  @Override
  public Map<String, Long> getCounts() {
    return uploads.counts();
  }

  @Override
  public Map<String, Long> getWaiting() {
    return uploads.waits();
  }

  @Override
  public int requeue(String sopInstanceUid) {
    return uploads.requeue(Optional.of(List.of(sopInstanceUid)));
  }

  @Override
  public int requeueFailed() {
    return uploads.requeue(Optional.empty());
  }

  @Override
  public void close() {
    try {
      server().unregisterMBean(name);
    } catch (JMException e) {
      throw new IllegalStateException("JMX does not give the upload's bean back", e);
    }
  }
}
