package io.howdah.intake;

import io.howdah.settings.Settings;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One path that takes uploads; it can only be a route's beginning. */
final class UploadEndpoint extends DefaultEndpoint {
  private final String path;
  private final long maxFileSize;
  private final boolean leaveOthers;

  /**
   * @param maxFileSize 0: what the settings of intake say
   */
  UploadEndpoint(
      String uri, UploadComponent component, String path, long maxFileSize, boolean leaveOthers) {
    super(uri, component);
    this.path = path;
    this.maxFileSize = maxFileSize;
    this.leaveOthers = leaveOthers;
  }

  @Override
  public Producer createProducer() {
    throw new UnsupportedOperationException("upload: begins a route; to send files use http:");
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    UploadComponent component = (UploadComponent) getComponent();
    UploadConsumer consumer =
        new UploadConsumer(this, processor, component.settings(), component.refusals());
    configureConsumer(consumer);
    return consumer;
  }

  /** As the router writes it: {@code /visits/:visit_id/upload}. */
  String path() {
    return path.replaceAll("\\{(\\w+)}", ":$1");
  }

  /** True when a request that is no upload belongs to another route on this path. */
  boolean leavesOthers() {
    return leaveOthers;
  }

  /** True when the route is told the form's other fields; elsewhere they are passed over. */
  boolean keepsFields() {
    return leaveOthers;
  }

  long maxFileSize() {
    return maxFileSize > 0 ? maxFileSize : intake().maxFileSize();
  }

  long maxRequestSize() {
    return Math.max(maxFileSize(), intake().maxRequestSize());
  }

  private Settings.Intake intake() {
    return ((UploadComponent) getComponent()).settings().intake();
  }

  @Override
  public boolean isSingleton() {
    return true;
  }
}
