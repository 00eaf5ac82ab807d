package io.howdah.http;

import java.util.function.BiFunction;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One path of the business port; it can only be a route's beginning. */
public class BusinessEndpoint extends DefaultEndpoint {
  private final String path;
  private final BiFunction<BusinessEndpoint, Processor, BusinessConsumer> consumers;

  /**
   * @param consumers makes the path's consumer
   */
  public BusinessEndpoint(
      String uri,
      Component component,
      String path,
      BiFunction<BusinessEndpoint, Processor, BusinessConsumer> consumers) {
    super(uri, component);
    this.path = path.startsWith("/") ? path : "/" + path;
    this.consumers = consumers;
  }

  @Override
  public final Producer createProducer() {
    throw new UnsupportedOperationException(
        getEndpointBaseUri() + " begins a route; to send files use http:");
  }

  @Override
  public final Consumer createConsumer(Processor processor) throws Exception {
    BusinessConsumer consumer = consumers.apply(this, processor);
    configureConsumer(consumer);
    return consumer;
  }

  /** As the router writes it: {@code /visits/:visit_id/upload}. */
  public final String path() {
    return path.replaceAll("\\{(\\w+)}", ":$1");
  }

  @Override
  public final boolean isSingleton() {
    return true;
  }
}
