package io.howdah.intake;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One path that takes uploads; it can only be a route's beginning. */
final class UploadEndpoint extends DefaultEndpoint {
  private final String path;

  UploadEndpoint(String uri, UploadComponent component, String path) {
    super(uri, component);
    this.path = path;
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

  String path() {
    return path;
  }

  @Override
  public boolean isSingleton() {
    return true;
  }
}
