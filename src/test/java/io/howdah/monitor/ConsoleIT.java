package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.howdah.support.GatewayProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console of the jar as an operator's browser sees it, with no way out of this machine. */
class ConsoleIT {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final int PATIENCE_MS = 60_000;

  @TempDir private static Path data;
  @TempDir private static Path scans;
  private static GatewayProcess gateway;
  private static URI console;
  private static Playwright playwright;
  private static Browser browser;

  private final List<String> strayed = new CopyOnWriteArrayList<>();
  private final List<String> failed = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void start() {
    assumeTrue(Files.isExecutable(CHROMIUM), "skipped: there is no " + CHROMIUM);
    int port = GatewayProcess.Setup.freePort();
    gateway =
        GatewayProcess.on(data)
            .set("howdah.management.port", Integer.toString(port))
            .set("howdah.sessions.allowed-paths", scans.toString())
            .set("howdah.sync.after", "0s")
            .set("howdah.sync.rate", "2MB/s")
            .start();
    console = URI.create("http://127.0.0.1:" + port + "/hawtio/");
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-dev-shm-usage",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--no-first-run",
                            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")));
  }

  @AfterAll
  static void stop() {
    if (playwright != null) {
      playwright.close();
    }
    if (gateway != null) {
      gateway.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    Properties users = new Properties();
    users.load(Files.newBufferedReader(data.resolve("management-users.properties")));
    context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(1600, 900)
                .setHttpCredentials("howdah", users.getProperty("user.howdah")));
    context.setDefaultTimeout(PATIENCE_MS);
    page = context.newPage();
    page.onRequest(
        request -> {
          String url = request.url();
          if (url.startsWith("http") && !URI.create(url).getHost().equals("127.0.0.1")) {
            strayed.add(url);
          }
        });
    page.onResponse(
        response -> {
          if (response.status() >= 400) {
            failed.add(response.status() + " " + response.url());
          }
        });
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            complaints.add(message.text());
          }
        });
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void an_operator_sees_every_route_with_its_purpose_its_diagram_and_its_source() {
    assertThat(page.navigate(console.toString()).status()).isEqualTo(200);
    route("archive-claimed").waitFor();
    route("intake-upload").click();
    page.getByText("before its sender hears 202").first().waitFor();

    tab("Route Diagram").click();
    page.getByText("From upload:/upload").first().waitFor();
    page.getByText("Bean intake.acc").first().waitFor();
    assertThat(page.locator(".react-flow__node").count()).isGreaterThanOrEqualTo(5);
    picture("console-diagram");

    tab("Source").click();
    Locator source = page.locator(".view-lines");
    source.getByText("intake").first().waitFor();
    assertThat(source.innerText().replace('\u00a0', ' '))
        .contains("ref=\"intake\" method=\"accept\"");
    picture("console-source");

    tab("Exchanges").click();
    page.getByText("Inflight Exchanges").first().waitFor();
    page.getByText("Blocked Exchanges").first().waitFor();
    picture("console-exchanges");

    assertThat(strayed).as("requests that left this machine").isEmpty();
    assertThat(failed).as("requests that the gateway did not answer well").isEmpty();
    assertThat(complaints).as("what the browser complained of").isEmpty();
  }

  @Test
  void an_operator_sees_how_far_a_session_has_come_and_why_it_failed() throws IOException {
    byte[] letter = new byte[6 << 20];
    Files.write(scans.resolve("ZZCANARY.dcm"), letter);
    gateway
        .client()
        .post(
            "/api/v1/visits/7/radiology/upload-sessions/create_session/",
            "{\"radiology_order_id\":42,\"file_name\":\"ZZCANARY.dcm\",\"content_type\":\"application/dicom\","
                + "\"metadata\":{},\"local_file_path\":\""
                + scans.resolve("ZZCANARY.dcm")
                + "\"}");

    assertThat(page.navigate(console.resolve("/sessions").toString()).status()).isEqualTo(200);
    Locator moving =
        page.locator("tr")
            .filter(new Locator.FilterOptions().setHasText("Binary Uploading"))
            .filter(new Locator.FilterOptions().setHasText("MB/s"));
    moving.waitFor(); // the page asks again by itself
    assertThat(Double.parseDouble(moving.locator("progress").getAttribute("value")))
        .isBetween(1.0, 99.0);
    picture("sessions-moving");
    page.getByText("NOT_DICOM").first().waitFor();
    picture("sessions-failed");

    assertThat(page.content()).doesNotContain("ZZCANARY", scans.toString());
    assertThat(strayed).as("requests that left this machine").isEmpty();
    assertThat(complaints).as("what the browser complained of").isEmpty();
  }

  private Locator route(String id) {
    return page.getByText(id, new Page.GetByTextOptions().setExact(true)).first();
  }

  private Locator tab(String name) {
    return page.locator("nav a, nav button")
        .filter(new Locator.FilterOptions().setHasText(name))
        .first();
  }

  /** Kept beside the reports, for people. */
  private void picture(String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(GatewayProcess.jar().resolveSibling("screenshots").resolve(name + ".png")));
  }
}
