package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Npm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tus project's own server receives from our site, over a line that breaks. */
class TusNodeServerTest {
  private static final String SCRIPT =
      """
      import { Server } from '@tus/server';
      import { FileStore } from '@tus/file-store';
      import { createServer } from 'node:http';
      const tus = new Server({ path: '/hub/uploads', datastore: new FileStore({ directory: process.argv[2] }) });
      const http = createServer((request, response) => tus.handle(request, response));
      http.listen(0, '127.0.0.1', () => console.log(http.address().port));
      """;

  @TempDir Path base;

  @Test
  void it_receives_every_byte_and_the_client_acknowledges() throws Exception {
    Path work = Files.createDirectories(base.resolve("node"));
    Npm.install(work, "@tus/server@2.4.5", "@tus/file-store@2.1.1");
    Path files = Files.createDirectories(work.resolve("files"));
    Path script = Files.writeString(work.resolve("server.mjs"), SCRIPT);
    Process node =
        new ProcessBuilder("node", script.toString(), files.toString())
            .directory(work.toFile())
            .redirectError(work.resolve("node.log").toFile())
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(node.getInputStream(), StandardCharsets.US_ASCII))) {
      sendsTo(URI.create("http://127.0.0.1:" + said.readLine()), files);
    } finally {
      node.destroyForcibly().waitFor();
    }
  }

  private void sendsTo(URI server, Path files) throws IOException {
    try (FaultyProxy proxy = new FaultyProxy(server.getPort())) {
      for (int i = 0; i < 8; i++) {
        proxy.next(
            i % 3 == 2 ? Fault.dropResponse() : Fault.cutRequest(60_000 + i * 50_000, Act.RESET));
      }
      byte[] bytes = new byte[3_000_000];
      new Random(5).nextBytes(bytes);
      try (Site site = Site.start(base, proxy.uri(), "howdah.sync.chunk-size", "128KB")) {
        String id = site.create(bytes);
        site.await(id, "SYNCED");
        assertThat(proxy.connections()).isGreaterThan(8);
        assertThat(received(files)).as("whole, and once").containsExactly(bytes);
        assertThat(site.audit(id)).anyMatch(line -> line.startsWith("attempt: HUB_AWAY"));
        assertThat(site.post(id + "/acknowledge/", "{\"server_image_id\": 456}").status())
            .isEqualTo(200);
        assertThat(site.get(id).get("server_image_id").asInt()).isEqualTo(456);
        assertThat(site.get(id).get("retry_count").asInt()).isZero();
      }
    }
  }

  /** Uploads that have bytes; an answer that got lost leaves one behind that has none. */
  private static List<byte[]> received(Path files) throws IOException {
    try (Stream<Path> all = Files.list(files)) {
      return all.filter(file -> !file.toString().endsWith(".json"))
          .map(
              file -> {
                try {
                  return Files.readAllBytes(file);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .filter(content -> content.length > 0)
          .toList();
    }
  }
}
