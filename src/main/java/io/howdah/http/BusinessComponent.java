package io.howdah.http;

import java.util.Map;
import java.util.function.BiFunction;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultComponent;

/**
 * A component whose routes begin with requests to one path of the business port that are read while
 * they come in, such as {@code tus:/path}.
 */
public final class BusinessComponent extends DefaultComponent {
  private final BiFunction<BusinessEndpoint, Processor, BusinessConsumer> consumers;

  /**
   * @param consumers makes the consumer of a path
   */
  public BusinessComponent(BiFunction<BusinessEndpoint, Processor, BusinessConsumer> consumers) {
    this.consumers = consumers;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    return new BusinessEndpoint(uri, this, remaining, consumers);
  }
}
