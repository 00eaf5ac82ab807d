package io.howdah.monitor;

import io.howdah.disk.Disk;
import io.howdah.session.Session;
import io.howdah.session.SessionProgress.Trouble;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Filter;
import io.howdah.session.UploadSteps;
import io.howdah.settings.Figures;
import io.howdah.sync.SessionSync;
import io.howdah.sync.SyncHealth;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The operators' page of upload sessions: what is on its way, how far, how fast and for how long
 * still, and what failed and why. It needs no script, asks again by itself, and shows no file's
 * name, which may be a patient's. Safe for use by many threads.
 */
public final class SessionBoard {
  private static final int MOST_SHOWN = 100;

  /** Rows that are looked at for those that move; the others are only counted. */
  private static final int MOST_READ = 1_000;

  private static final String STYLE =
      """
      body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#1a1a1a;background:#fff}
      h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
      dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}dt{font-weight:600}dd{margin:0}
      table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;white-space:nowrap}
      td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.error{white-space:normal}
      .uid{font-family:ui-monospace,monospace;font-size:.85rem}progress{width:10rem;vertical-align:middle}
      .trouble{padding:.6rem .9rem;border-left:.3rem solid #b3261e;background:#fbeeed}
      """;

  /** For a page without scripts and without anything from elsewhere. */
  static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + Base64.getEncoder()
              .encodeToString(Disk.sha256().digest(STYLE.getBytes(StandardCharsets.UTF_8)))
          + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  private final Sessions sessions;
  private final SessionSync sync;
  private final UploadSteps steps;

  public SessionBoard(Sessions sessions, SessionSync sync, UploadSteps steps) {
    this.sessions = sessions;
    this.sync = sync;
    this.steps = steps;
  }

  private record Row(Session session, long rate) {}

  /** The page as it is now. */
  byte[] page() {
    SyncHealth health = sync.health();
    Map<SessionState, Long> counts = sessions.counts();
    StringBuilder body = new StringBuilder("<h1>Upload sessions</h1>\n");
    if (!health.code().isEmpty()) {
      body.append("<p class=\"trouble\" role=\"status\">")
          .append(
              escaped(
                  health.hasHub()
                      ? health.sentence() + "; sessions wait and lose nothing"
                      : "no hub: set howdah.sync.hub.url, or run the role hub; sessions wait"))
          .append(" (")
          .append(health.code())
          .append(")</p>\n");
    }
    body.append("<dl>");
    term(body, "To the hub now", rate(health.bytesPerSecond()));
    term(body, "Limit", health.limit().map(SessionBoard::rate).orElse("none"));
    term(
        body,
        "Last heard of the hub",
        health
            .lastContact()
            .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString())
            .orElse("not since the start"));
    for (SessionState state : SessionState.values()) {
      if (counts.getOrDefault(state, 0L) > 0) {
        term(body, state.display(), counts.get(state).toString());
      }
    }
    body.append("</dl>\n");
    pending(body, counts);
    failed(body, counts.getOrDefault(SessionState.FAILED, 0L));
    return html(body).getBytes(StandardCharsets.UTF_8);
  }

  private void pending(StringBuilder body, Map<SessionState, Long> counts) {
    long all =
        SessionState.pending().stream().mapToLong(state -> counts.getOrDefault(state, 0L)).sum();
    List<Row> rows =
        list(SessionState.pending(), MOST_READ).stream()
            .map(session -> new Row(session, steps.pace(session.id()).bytesPerSecond()))
            .sorted(
                Comparator.<Row, Boolean>comparing(row -> row.rate() == 0)
                    .thenComparing(row -> -row.session().state().ordinal())
                    .thenComparing(row -> row.session().facts().createdAt()))
            .limit(MOST_SHOWN)
            .toList();
    body.append("<h2>On their way</h2>\n");
    table(body, rows, all, "Nothing waits.");
  }

  private void failed(StringBuilder body, long all) {
    List<Row> rows =
        list(Set.of(SessionState.FAILED), MOST_SHOWN).stream()
            .map(session -> new Row(session, 0))
            .toList();
    body.append("<h2>Failed</h2>\n");
    table(body, rows, all, "None.");
    if (!rows.isEmpty()) {
      body.append("<p>Their bytes are kept. <code>howdah sessions retry ID</code> sets one back to")
          .append(" its first unfinished step; <code>howdah sessions show ID</code> tells all that")
          .append(" happened to it.</p>\n");
    }
  }

  private List<Session> list(Collection<SessionState> states, int most) {
    return sessions.list(new Filter(Optional.empty(), Optional.empty(), states), most, 0);
  }

  private static void table(StringBuilder body, List<Row> rows, long all, String nothing) {
    if (rows.isEmpty()) {
      body.append("<p>").append(nothing).append("</p>\n");
      return;
    }
    body.append("<table><thead><tr>");
    for (String heading : List.of("Session", "Visit", "Order", "State", "Progress")) {
      body.append("<th scope=\"col\">").append(heading).append("</th>");
    }
    for (String heading : List.of("Size", "Rate", "Left")) {
      body.append("<th scope=\"col\" class=\"n\">").append(heading).append("</th>");
    }
    body.append("<th scope=\"col\">Last error</th></tr></thead>\n<tbody>");
    rows.forEach(row -> row(body, row.session(), row.rate()));
    body.append("</tbody></table>\n");
    if (all > rows.size()) {
      body.append("<p>And ").append(all - rows.size()).append(" more.</p>\n");
    }
  }

  private static void row(StringBuilder body, Session session, long rate) {
    String percent = session.percent().toPlainString();
    body.append("\n<tr><td class=\"uid\">").append(escaped(session.id())).append("</td><td>");
    body.append(escaped(session.facts().visitId())).append("</td><td>");
    body.append(session.facts().orderId()).append("</td><td>");
    body.append(session.state().display()).append("</td><td><progress max=\"100\" value=\"");
    body.append(percent).append("\" aria-label=\"uploaded\"></progress> ");
    body.append(percent).append(" %");
    for (String figure :
        List.of(
            Figures.size(session.facts().size()),
            rate > 0 ? rate(rate) : "",
            session.remaining(rate).map(Figures::duration).orElse(""))) {
      body.append("</td><td class=\"n\">").append(figure);
    }
    body.append("</td><td class=\"error\">");
    Optional<Trouble> trouble = session.progress().trouble();
    trouble.ifPresent(it -> body.append(escaped(it.code() + ": " + it.message())));
    body.append("</td></tr>");
  }

  private static void term(StringBuilder body, String name, String value) {
    body.append("<dt>").append(name).append("</dt><dd>").append(escaped(value)).append("</dd>");
  }

  private static String rate(long bytesPerSecond) {
    return Figures.size(bytesPerSecond) + "/s";
  }

  private static String html(StringBuilder body) {
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
        + " content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"2\"><title>Upload"
        + " sessions</title><style>"
        + STYLE
        + "</style></head>\n<body><main>"
        + body
        + "</main></body></html>\n";
  }

  /** Text in which nothing is markup. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
