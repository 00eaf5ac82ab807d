package io.howdah.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.RedisServer;

/**
 * Processes of the jar, one role or several each, on one real PostgreSQL and real Redis servers.
 */
public final class Cluster implements AutoCloseable {
  private final Path data;
  private final String database = PostgresServer.newDatabase();
  private final List<GatewayProcess> processes = new ArrayList<>();
  private final List<RedisServer> servers = new ArrayList<>();

  public Cluster(Path data) {
    this.data = data;
  }

  /** A new Redis; its address. */
  public String redis(String... settings) {
    int port = GatewayProcess.Setup.freePort();
    try {
      var builder =
          RedisServer.newRedisServer().port(port).setting("bind 127.0.0.1").setting("save \"\"");
      for (String setting : settings) {
        builder.setting(setting);
      }
      RedisServer server = builder.build();
      server.start();
      servers.add(server);
      return "redis://127.0.0.1:" + port;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process with these roles, to be started; its leases are short. */
  public GatewayProcess.Setup role(String roles) {
    return GatewayProcess.on(data)
        .set("howdah.roles", roles)
        .set("howdah.db.url", database)
        .set("howdah.db.pool-size", "4")
        .set("howdah.work.lease", "3s");
  }

  /** Starts a process that ends with the test. */
  public GatewayProcess start(GatewayProcess.Setup setup) {
    GatewayProcess process = setup.start();
    processes.add(process);
    return process;
  }

  /** What the senders know against rows and files. */
  public Verifier verifier() {
    return Verifier.of(data, database);
  }

  @Override
  public void close() throws IOException {
    processes.forEach(GatewayProcess::close);
    for (RedisServer server : servers) {
      server.stop();
    }
  }
}
