package io.howdah.http;

import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One path of the business port; it can only be a route's beginning. */
public final class BusinessEndpoint extends DefaultEndpoint {
  private final String path;

  BusinessEndpoint(String uri, BusinessComponent component, String path) {
    super(uri, component);
    this.path = path;
  }

  @Override
  public Producer createProducer() {
    throw new UnsupportedOperationException(
        getEndpointBaseUri() + " begins a route; to send files use http:");
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    BusinessConsumer consumer = ((BusinessComponent) getComponent()).consumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  /** Where on the business port it is. */
  public String path() {
    return path;
  }

  @Override
  public boolean isSingleton() {
    return true;
  }
}
