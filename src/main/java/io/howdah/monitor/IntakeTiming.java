package io.howdah.monitor;

import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/** Times the routes that take files in, from all bytes arrived to the answer. */
final class IntakeTiming implements RoutePolicyFactory {
  private static final Set<String> ROUTES = Set.of("intake-upload", "inbox-take");
  private static final String BEGUN = "howdahIntakeBegun";
  private final Metrics metrics;

  IntakeTiming(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
    return ROUTES.contains(routeId) ? new Policy() : null;
  }

  /** One route's clock. */
  private final class Policy extends RoutePolicySupport {
    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
      exchange.setProperty(BEGUN, System.nanoTime());
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
      if (exchange.removeProperty(BEGUN) instanceof Long begun) {
        boolean well =
            exchange.getException() == null
                && exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT) == null;
        metrics.takenIn(System.nanoTime() - begun, well);
      }
    }
  }
}
