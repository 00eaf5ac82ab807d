package io.howdah.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A monitoring system, as far as it asks a gateway's management port for health and metrics. */
public final class Management {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  Management(int port) {
    this.base = URI.create("http://127.0.0.1:" + port);
  }

  private HttpResponse<String> get(String path) {
    try {
      return http.send(
          HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for " + path, e);
    }
  }

  /** True while callers should come. */
  public boolean isReady() {
    return get("/observe/health/ready").statusCode() == 200;
  }

  /** The code a check gives at the moment; empty when it is well. */
  public String code(String check) {
    try {
      for (JsonNode one : JSON.readTree(get("/observe/health/ready").body()).path("checks")) {
        if (one.path("name").asText().equals(check)) {
          return one.path("code").asText();
        }
      }
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that is said there, for those who look for what must not be. */
  public String everything() {
    return get("/observe/health").body() + get("/observe/metrics").body();
  }

  /** Messages that a route has taken. */
  public double exchanges(String routeId) {
    return get("/observe/metrics")
        .body()
        .lines()
        .filter(text -> text.startsWith("camel_exchanges_total{"))
        .filter(text -> text.contains("routeId=\"" + routeId + "\""))
        .mapToDouble(text -> Double.parseDouble(text.substring(text.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** The value of a line of the metrics; not a number when there is none. */
  public double metric(String line) {
    return get("/observe/metrics")
        .body()
        .lines()
        .filter(text -> text.startsWith(line + " "))
        .mapToDouble(text -> Double.parseDouble(text.substring(line.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }
}
