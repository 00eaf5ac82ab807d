package io.howdah.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.status.StudyState;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah status}: what a running gateway knows of one study, or of all. */
@Command(
    name = "status",
    header = "Shows what a running gateway knows of a study, or of all studies.",
    description = {
      "",
      "With a study_id: its status, and every status it had. Without: how many studies are in each state, and the newest 50."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:shown (with --watch and a study_id: it was archived)",
      "1:no gateway answers, or it does not know the study (with --watch: the study failed)",
      "2:the command line or the settings make no sense"
    })
final class StatusCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(2);

  @Mixin private GatewayOptions gateway;

  @Parameters(
      arity = "0..1",
      paramLabel = "ID",
      description = "The study_id that POST /upload answered. Default: all studies.")
  private String studyId;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description =
          "Only studies in this state: uploaded, validating, validated, validation_failed, processing, described, archived or failed.")
  private String state;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only studies whose status changed since then, such as 2026-11-21T10:00:00Z.")
  private String since;

  @Option(
      names = "--page",
      paramLabel = "N",
      defaultValue = "1",
      description = "Page of 50 studies, newest first. Default: ${DEFAULT-VALUE}.")
  private int page;

  @Option(names = "--json", description = "Print what the gateway answered, as JSON lines.")
  private boolean json;

  @Option(
      names = "--watch",
      description = "Show it again every 2 s; with a study_id until its way is at an end.")
  private boolean watch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    check();
    GatewayClient client = gateway.client();
    Terminal terminal = Terminal.system();
    String before = "";
    while (true) {
      Shown shown = studyId == null ? all(client, terminal) : one(client, terminal);
      if (terminal.isLive() && watch && !json) {
        terminal.draw(shown.lines());
      } else if (!shown.lines().equals(before.lines().toList())) {
        shown.lines().forEach(terminal::line);
        before = String.join("\n", shown.lines());
      }
      if (!watch || shown.end().isPresent()) {
        terminal.release();
        return watch ? shown.end().orElse(0) : 0;
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private void check() {
    if (state != null && StudyState.of(state).isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--state: there is no state " + state);
    }
    if (since != null) {
      try {
        Instant.parse(since);
      } catch (DateTimeParseException e) {
        throw new ParameterException(
            spec.commandLine(), "--since must be a time such as 2026-11-21T10:00:00Z");
      }
    }
    if (page < 1) {
      throw new ParameterException(spec.commandLine(), "--page must be 1 or more");
    }
    if (studyId != null && (state != null || since != null)) {
      throw new ParameterException(
          spec.commandLine(), "name a study, or narrow all of them down; not both");
    }
    if (studyId != null && !studyId.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new ParameterException(
          spec.commandLine(),
          "a study_id has 1 to 64 letters, digits, dots, dashes or underscores");
    }
  }

  private Shown one(GatewayClient client, Terminal terminal) throws InterruptedException {
    JsonNode status = client.ask("status/" + studyId);
    JsonNode history = client.ask("status/" + studyId + "/history").path("history");
    Optional<Integer> end =
        StudyState.of(status.path("status").asText())
            .filter(StudyState::isFinal)
            .map(last -> last == StudyState.ARCHIVED ? 0 : Howdah.NOT_WELL);
    if (json) {
      ObjectNode both = status.deepCopy();
      both.set("history", history);
      return new Shown(List.of(both.toString()), end);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        terminal.bold(studyId)
            + "  "
            + coloured(terminal, status.path("status").asText())
            + "  "
            + seconds(status.path("timestamp").asText()));
    details(status.path("details")).forEach(lines::add);
    lines.add("");
    Table table = new Table("WHEN", "STATUS", ">AFTER", "BY");
    Instant previous = null;
    for (JsonNode entry : history) {
      Instant at = Instant.parse(entry.path("timestamp").asText());
      table.row(
          at,
          entry.path("status").asText() + (entry.path("applied").asBoolean(true) ? "" : " (late)"),
          previous == null ? "" : Duration.between(previous, at).toMillis() + " ms",
          entry.path("node").asText());
      previous = at;
    }
    lines.addAll(table.lines(terminal));
    return new Shown(lines, end);
  }

  /** What a person wants of the details: why and where, one line each. */
  private static List<String> details(JsonNode details) {
    List<String> lines = new ArrayList<>();
    for (String name : List.of("code", "message", "archive_path", "metadata_file")) {
      if (details.hasNonNull(name)) {
        lines.add("  " + name.replace('_', ' ') + ": " + details.path(name).asText());
      }
    }
    details.path("errors").forEach(error -> lines.add("  error: " + error.asText()));
    return lines;
  }

  private Shown all(GatewayClient client, Terminal terminal) throws InterruptedException {
    ObjectNode counts = JsonNodeFactory.instance.objectNode();
    for (StudyState each : StudyState.values()) {
      counts.put(each.word(), client.ask("status?state=" + each.word()).path("count").asLong());
    }
    JsonNode found =
        client.ask(
            "status?page="
                + page
                + (state == null ? "" : "&state=" + state)
                + (since == null
                    ? ""
                    : "&since=" + URLEncoder.encode(since, StandardCharsets.UTF_8)));
    if (json) {
      ObjectNode body = found.deepCopy();
      body.set("counts", counts);
      return new Shown(List.of(body.toString()), Optional.empty());
    }
    List<String> lines = new ArrayList<>();
    Table states = new Table("STATE", ">STUDIES");
    counts.properties().forEach(count -> states.row(count.getKey(), count.getValue().asLong()));
    lines.addAll(states.lines(terminal));
    lines.add("");
    Table table = new Table("STUDY", "STATUS", "SINCE", "WHY");
    found
        .path("results")
        .forEach(
            study ->
                table.row(
                    study.path("study_id").asText(),
                    study.path("status").asText(),
                    seconds(study.path("timestamp").asText()),
                    why(study)));
    if (table.isEmpty()) {
      lines.add("  No study" + (state == null && since == null ? " yet." : " matches."));
      return new Shown(lines, Optional.empty());
    }
    lines.addAll(table.lines(terminal));
    long total = found.path("count").asLong();
    int size = found.path("page_size").asInt(50);
    long pages = Math.max(1, (total + size - 1) / size);
    if (pages > 1) {
      lines.add("");
      lines.add(
          String.format(
              Locale.ROOT,
              "  page %d of %d, %d studies; --page shows another",
              page,
              pages,
              total));
    }
    return new Shown(lines, Optional.empty());
  }

  private static String why(JsonNode study) {
    JsonNode details = study.path("details");
    if (details.hasNonNull("code")) {
      return details.path("code").asText();
    }
    List<String> codes = new ArrayList<>();
    details
        .path("findings")
        .forEach(
            finding -> {
              String code = finding.path("code").asText();
              if (finding.path("severity").asText().equals("error") && !codes.contains(code)) {
                codes.add(code);
              }
            });
    return study.path("status").asText().endsWith("failed")
        ? String.join(" ", codes.subList(0, Math.min(3, codes.size())))
        : "";
  }

  private static String seconds(String timestamp) {
    return timestamp.replaceFirst("\\.\\d+Z$", "Z");
  }

  private static String coloured(Terminal terminal, String status) {
    return status.equals("archived")
        ? terminal.good(status)
        : status.endsWith("failed") ? terminal.bad(status) : terminal.bold(status);
  }

  /**
   * What is on the screen.
   *
   * @param end the exit code, when nothing more will happen
   */
  private record Shown(List<String> lines, Optional<Integer> end) {}
}
