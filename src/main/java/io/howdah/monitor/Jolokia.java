package io.howdah.monitor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jolokia.core.api.LogHandler;
import org.jolokia.json.JSONStructure;
import org.jolokia.server.core.config.ConfigKey;
import org.jolokia.server.core.config.StaticConfiguration;
import org.jolokia.server.core.http.HttpRequestHandler;
import org.jolokia.server.core.request.BadRequestException;
import org.jolokia.server.core.request.EmptyResponseException;
import org.jolokia.server.core.restrictor.RestrictorFactory;
import org.jolokia.server.core.restrictor.policy.PolicyRestrictor;
import org.jolokia.server.core.service.JolokiaServiceManagerFactory;
import org.jolokia.server.core.service.api.JolokiaServiceManager;
import org.jolokia.service.jmx.LocalRequestHandler;
import org.jolokia.service.serializer.JolokiaSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JMX over HTTP within {@code jolokia-access.xml}: everything may be looked at, and only what an
 * operator needs may be done. Started by its first request. Safe for use by many threads.
 */
final class Jolokia implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Jolokia.class);
  private static final String POLICY = "classpath:/jolokia-access.xml";

  private JolokiaServiceManager services;
  private HttpRequestHandler handler;

  /**
   * Answers a GET, whose request is in its path.
   *
   * @param path what follows {@code /hawtio/jolokia}, decoded
   */
  String get(String uri, String path, Map<String, String[]> parameters) throws IOException {
    HttpRequestHandler jolokia = handler();
    return answer(jolokia, () -> jolokia.handleGetRequest(uri, path, parameters));
  }

  /** Answers a POST, whose requests are in its body. */
  String post(String uri, byte[] body, Map<String, String[]> parameters) throws IOException {
    HttpRequestHandler jolokia = handler();
    return answer(
        jolokia,
        () ->
            jolokia.handlePostRequest(
                uri, new ByteArrayInputStream(body), StandardCharsets.UTF_8.name(), parameters));
  }

  private static String answer(HttpRequestHandler jolokia, Request request) {
    try {
      return request.run().toJSONString();
    } catch (EmptyResponseException e) {
      return "{}";
    } catch (BadRequestException | IOException | RuntimeException e) {
      return jolokia.handleThrowable(e).toJSONString();
    }
  }

  /** One of Jolokia's own ways to be asked. */
  private interface Request {
    JSONStructure run() throws BadRequestException, EmptyResponseException, IOException;
  }

  private synchronized HttpRequestHandler handler() throws IOException {
    if (handler == null) {
      PolicyRestrictor policy = RestrictorFactory.lookupPolicyRestrictor(POLICY);
      if (policy == null) {
        throw new IOException("jolokia-access.xml is missing; without it nothing is served");
      }
      services =
          JolokiaServiceManagerFactory.createJolokiaServiceManager(
              new StaticConfiguration(
                  ConfigKey.AGENT_ID,
                  "howdah",
                  ConfigKey.ALLOW_ERROR_DETAILS,
                  "false",
                  ConfigKey.DISCOVERY_ENABLED,
                  "false"),
              new Log(),
              policy);
      services.addService(new JolokiaSerializer());
      services.addService(new LocalRequestHandler(1));
      handler = new HttpRequestHandler(services.start());
    }
    return handler;
  }

  @Override
  public synchronized void close() {
    if (services != null) {
      services.stop();
    }
  }

  /** Jolokia's log in ours. */
  private static final class Log implements LogHandler {
    @Override
    public void debug(String message) {
      LOG.debug("{}", message);
    }

    @Override
    public void info(String message) {
      LOG.debug("{}", message);
    }

    @Override
    public void error(String message, Throwable cause) {
      LOG.warn("{} cause={}", message, String.valueOf(cause));
    }

    @Override
    public boolean isDebug() {
      return LOG.isDebugEnabled();
    }
  }
}
