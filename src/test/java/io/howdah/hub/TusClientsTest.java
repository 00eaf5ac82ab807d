package io.howdah.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Oracles;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusExecutor;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other people's tus clients upload to our hub, over connections that break. */
class TusClientsTest {
  private static final String JS_CLIENT = "tus-js-client@4.3.1";

  private static final String SCRIPT =
      """
      const fs = require('fs');
      const tus = require('tus-js-client');
      const [file, endpoint, metadata] = process.argv.slice(2);
      const upload = new tus.Upload(fs.createReadStream(file), {
        endpoint,
        chunkSize: 200000,
        uploadSize: fs.statSync(file).size,
        retryDelays: Array(20).fill(50),
        metadata: Object.fromEntries(metadata.split(',').map(one => one.split(' '))
          .map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])),
        onError: error => { console.error(String(error)); process.exit(1); },
        onSuccess: () => { console.log(upload.url); },
      });
      upload.start();
      """;

  @TempDir static Path base;
  @TempDir Path work;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(base, "howdah.roles", "hub");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static void assertAcknowledged(String upload, byte[] file) {
    var receipt = TusSender.to(gateway.port()).decided(URI.create(upload).getPath());
    assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
    assertThat(TusSender.json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
  }

  private static FaultyProxy breaking(int connections) {
    FaultyProxy proxy = new FaultyProxy(gateway.port());
    for (int i = 0; i < connections; i++) {
      proxy.next(i % 3 == 2 ? Fault.dropResponse() : Fault.cutRequest(150_000 + i * 77, Act.RESET));
    }
    return proxy;
  }

  @Test
  void tus_java_client_uploads_and_resumes() throws Exception {
    byte[] file = TinyDicom.object(71, 1_000_000);
    try (FaultyProxy proxy = breaking(4)) {
      TusClient client = new TusClient();
      client.setUploadCreationURL(proxy.uri().resolve("/hub/uploads").toURL());
      client.enableResuming(new TusURLMemoryStore());
      TusUpload upload = new TusUpload();
      upload.setInputStream(new ByteArrayInputStream(file));
      upload.setSize(file.length);
      upload.setFingerprint("file-71");
      upload.setMetadata(TusSender.describing(file));
      String[] url = new String[1];
      TusExecutor executor =
          new TusExecutor() {
            @Override
            protected void makeAttempt() throws ProtocolException, IOException {
              upload.setInputStream(new ByteArrayInputStream(file));
              TusUploader uploader = client.resumeOrCreateUpload(upload);
              uploader.setChunkSize(64 * 1024);
              uploader.setRequestPayloadSize(300_000);
              while (uploader.uploadChunk() > -1) {
                // its loop
              }
              url[0] = uploader.getUploadURL().toString();
              uploader.finish();
            }
          };
      executor.setDelays(new int[] {20, 20, 20, 20, 20, 20, 20, 20});
      assertThat(executor.makeAttempts()).isTrue();
      assertAcknowledged(url[0], file);
      assertThat(proxy.connections()).isGreaterThan(4);
    }
  }

  @Test
  void tus_js_client_uploads_and_resumes() throws Exception {
    Oracles.need("npm", "--version");
    Oracles.need("node", "--version");
    Process install =
        new ProcessBuilder(
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--no-save",
                "--prefix",
                work.toString(),
                JS_CLIENT)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("npm.log").toFile())
            .start();
    boolean installed = install.waitFor(5, TimeUnit.MINUTES) && install.exitValue() == 0;
    install.destroyForcibly();
    Assumptions.assumeTrue(installed, "skipped: npm cannot install " + JS_CLIENT + " here");
    byte[] file = TinyDicom.object(72, 1_000_000);
    Path script = Files.writeString(work.resolve("send.js"), SCRIPT);
    Path image = Files.write(work.resolve("image.dcm"), file);
    try (FaultyProxy proxy = breaking(6)) {
      Process node =
          new ProcessBuilder(
                  List.of(
                      "node",
                      script.toString(),
                      image.toString(),
                      proxy.uri().resolve("/hub/uploads").toString(),
                      TusSender.encoded(TusSender.describing(file))))
              .directory(work.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(node.waitFor(2, TimeUnit.MINUTES)).as(said).isTrue();
      assertThat(node.exitValue()).as(said).isZero();
      assertAcknowledged(said.strip(), file);
      assertThat(proxy.connections()).isGreaterThan(6);
    }
  }
}
