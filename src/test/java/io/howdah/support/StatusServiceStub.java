package io.howdah.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Seed 004's status service as far as others see it: takes reports and remembers their order. */
public final class StatusServiceStub implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final List<Report> reports = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private volatile int answer = 200;

  /** One report as it came. */
  public record Report(String studyId, String status, JsonNode details) {}

  public StatusServiceStub() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/status/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    int status = answer;
    if (status == 200) {
      String id = exchange.getRequestURI().getPath().substring("/status/".length());
      reports.add(new Report(id, body.path("status").asText(), body.path("details")));
    }
    byte[] said = "{\"message\":\"Status updated successfully\"}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, said.length);
    exchange.getResponseBody().write(said);
    exchange.close();
  }

  /** Answers everything with this status from now on; only 200 takes the report. */
  public void answer(int status) {
    answer = status;
  }

  /** The value for STATUS_SERVICE_URL. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was reported about a study, in order. */
  public List<String> statuses(String studyId) {
    return reports.stream()
        .filter(report -> report.studyId().equals(studyId))
        .map(Report::status)
        .toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
