package io.howdah.http;

import io.howdah.settings.Settings;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests of the business port while they come in, with worker threads of its own, and runs
 * its route over what came of them.
 */
public abstract class BusinessConsumer extends DefaultConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(BusinessConsumer.class);

  private final BusinessEndpoint endpoint;
  private final Settings.Http http;
  private final String pool;
  private final int threads;
  private final AtomicLong waiting = new AtomicLong();
  private ExecutorService workers;
  private List<Route> routes = List.of();

  /**
   * @param pool what the worker threads are called
   * @param threads how many there are
   */
  protected BusinessConsumer(
      BusinessEndpoint endpoint,
      Processor processor,
      Settings.Http http,
      String pool,
      int threads) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.http = http;
    this.pool = pool;
    this.threads = threads;
  }

  /** Puts the handlers on the port. */
  protected abstract List<Route> mount(Router router, String path);

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    workers = threads(pool);
    VertxPlatformHttpRouter router =
        VertxPlatformHttpRouter.lookup(
            endpoint.getCamelContext(), VertxPlatformHttpRouter.getRouterNameFromPort(http.port()));
    routes = mount(router, endpoint.path());
  }

  @Override
  protected void doStop() throws Exception {
    routes.forEach(Route::remove);
    routes = List.of();
    stop(workers);
    super.doStop();
  }

  /** A further pool of as many threads. */
  protected final ExecutorService threads(String name) {
    return endpoint
        .getCamelContext()
        .getExecutorServiceManager()
        .newFixedThreadPool(this, name, threads);
  }

  /** Lets a pool finish what it has begun. */
  protected final void stop(ExecutorService threads) {
    if (threads != null) {
      endpoint.getCamelContext().getExecutorServiceManager().shutdownGraceful(threads);
    }
  }

  /** True when nothing new may begin. */
  protected final boolean isEnding() {
    return isSuspendingOrSuspended() || isStoppingOrStopped();
  }

  /** The threads that may wait for disk and database. */
  protected final ExecutorService workers() {
    return workers;
  }

  /** Bytes of all its bodies that were received and not written yet. */
  protected final AtomicLong waiting() {
    return waiting;
  }

  /** Runs the route over {@code body}; the answer it left, or nothing when it failed. */
  protected final Optional<Answer> route(Object body, Map<String, Object> headers) {
    Exchange exchange = createExchange(false);
    exchange.setPattern(ExchangePattern.InOut);
    headers.forEach(exchange.getIn()::setHeader);
    exchange.getIn().setBody(body);
    try {
      createUoW(exchange);
      getProcessor().process(exchange);
      if (exchange.getException() == null) {
        return Optional.of(answerOf(exchange.getMessage()));
      }
      LOG.error("upload failed cause={}", String.valueOf(exchange.getException()));
    } catch (Exception | Error e) {
      LOG.error("upload failed cause={}", String.valueOf(e));
    } finally {
      doneUoW(exchange);
      releaseExchange(exchange, false);
    }
    return Optional.empty();
  }

  private static Answer answerOf(Message message) {
    Map<String, String> headers =
        Optional.ofNullable(message.getHeader("Retry-After", String.class))
            .map(after -> Map.of("Retry-After", after))
            .orElse(Map.of());
    return new Answer(
        message.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class),
        message.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class),
        message.getBody(String.class),
        headers);
  }
}
