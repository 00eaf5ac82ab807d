package io.howdah.cli;

import io.howdah.audit.AuditEntry;
import io.howdah.session.Session;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Filter;
import io.howdah.session.Sessions.Note;
import io.howdah.settings.Figures;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import io.howdah.storage.SqlSessions;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code howdah sessions}: upload sessions of this site; works on the database itself, whether a
 * gateway runs or not.
 */
@Command(
    name = "sessions",
    header = "Lists, shows, watches, retries and cancels upload sessions.",
    description = {"", "Shows no file's name, which may be a patient's."},
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what was asked",
      "1:a session is not there, or not in a state for it; the output says which",
      "2:the command line or the settings make no sense"
    },
    synopsisSubcommandLabel = "(list | show | watch | retry | cancel)")
public final class SessionsCommand implements Runnable {
  private static final String WHO = "command";
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration RATE_WINDOW = Duration.ofSeconds(5);
  private static final int MOST_SHOWN = 20;
  private static final int LOST_RACES = 10;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name list, show, watch, retry or cancel.");
  }

  @Command(
      name = "list",
      header = "Lists sessions, newest first, and how many there are in each state.",
      mixinStandardHelpOptions = true)
  int list(
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only sessions in this state.")
          String status,
      @Option(names = "--visit", paramLabel = "ID", description = "Only sessions of this visit.")
          String visit,
      @Option(
              names = "--order",
              paramLabel = "ID",
              description = "Only sessions of this radiology order.")
          Long order,
      @Mixin ListOptions options) {
    Optional<SessionState> state = Optional.ofNullable(status).flatMap(SessionState::named);
    if (status != null && state.isEmpty()) {
      throw new ParameterException(
          spec.subcommands().get("list"),
          "--status: there is no state "
              + status
              + "; there are "
              + List.of(SessionState.values()));
    }
    Filter filter =
        new Filter(
            Optional.ofNullable(visit),
            Optional.ofNullable(order),
            state.map(Set::of).orElse(Set.of()));
    return with(
        tools -> {
          PrintWriter out = spec.commandLine().getOut();
          table(tools.sessions.list(filter, options.limit(), 0), Map.of())
              .lines(Terminal.plain(System.out))
              .forEach(out::println);
          out.println("  " + tools.sessions.counts());
          return 0;
        });
  }

  /**
   * @param rates bytes a second by session_id
   */
  private static Table table(List<Session> sessions, Map<String, Long> rates) {
    Table table =
        new Table(
            "SESSION", "VISIT", ">ORDER", "STATUS", ">DONE", ">SIZE", ">RATE", ">LEFT", "ERROR");
    for (Session session : sessions) {
      long rate = rates.getOrDefault(session.id(), 0L);
      table.row(
          session.id(),
          Terminal.safe(session.facts().visitId()),
          session.facts().orderId(),
          session.state(),
          session.percent() + " %",
          Figures.size(session.facts().size()),
          rate > 0 ? Figures.size(rate) + "/s" : "",
          rate > 0 ? session.remaining(rate).map(Figures::duration).orElse("") : "",
          session.progress().trouble().map(it -> it.code()).orElse(""));
    }
    return table;
  }

  @Command(
      name = "show",
      header = "Shows a session with all that happened to it.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "SESSION", description = "Its session_id.") String id) {
    return with(
        tools ->
            tools
                .sessions
                .find(id)
                .map(session -> shown(session, tools.audit.of(id)))
                .orElseGet(() -> unknown(id)));
  }

  private int shown(Session session, List<AuditEntry> entries) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("session_id       " + session.id());
    out.println("visit_id         " + Terminal.safe(session.facts().visitId()));
    out.println("order            " + session.facts().orderId());
    out.println("status           " + session.state());
    out.println(
        "progress         " + session.percent() + " % of " + Figures.size(session.facts().size()));
    out.println("checksum         " + session.facts().sha256());
    out.println(
        "retries          "
            + session.progress().retryCount()
            + " of "
            + session.facts().maxRetries());
    out.println(
        "server_image_id  "
            + session.progress().ack().map(Ack::imageId).map(String::valueOf).orElse("-"));
    out.println(
        "copy             "
            + session.progress().localState()
            + (session.isSafeToDelete() ? ", safe to delete" : ""));
    session
        .progress()
        .trouble()
        .ifPresent(it -> out.println("error            " + it.code() + ": " + it.message()));
    for (AuditEntry entry : entries) {
      out.printf(
          "  %6d  %s  %-12s %s%s%n",
          entry.seq(),
          Instant.ofEpochMilli(entry.at()).truncatedTo(ChronoUnit.MILLIS),
          entry.what(),
          entry
              .to()
              .map(to -> entry.from().map(from -> from + " > ").orElse("") + to + "  ")
              .orElse(""),
          entry.result());
    }
    return 0;
  }

  private int unknown(String id) {
    spec.commandLine().getErr().println("howdah: there is no session " + Terminal.safe(id));
    return Howdah.NOT_WELL;
  }

  @Command(
      name = "watch",
      header = "Shows percent, rate and remaining time until nothing is pending any more.",
      mixinStandardHelpOptions = true)
  int watch(
      @Parameters(
              arity = "0..*",
              paramLabel = "SESSION",
              description = "Only these; else all that are pending.")
          List<String> ids) {
    return with(tools -> watched(tools, ids == null ? List.of() : ids));
  }

  private int watched(Tools tools, List<String> ids) {
    Terminal terminal = Terminal.system();
    Map<String, Deque<long[]>> looks = new HashMap<>();
    Set<String> followed = new LinkedHashSet<>(ids);
    boolean headed = false;
    while (true) {
      if (ids.isEmpty()) {
        tools
            .sessions
            .list(
                new Filter(Optional.empty(), Optional.empty(), SessionState.pending()),
                MOST_SHOWN,
                0)
            .forEach(session -> followed.add(session.id()));
      }
      if (followed.isEmpty()) {
        terminal.line("  nothing is pending");
        return 0;
      }
      List<Session> now = new ArrayList<>();
      for (String id : followed) {
        Optional<Session> found = tools.sessions.find(id);
        if (found.isEmpty()) {
          return unknown(id);
        }
        now.add(found.get());
      }
      List<String> lines = table(now, rates(now, looks)).lines(terminal);
      if (terminal.isLive()) {
        terminal.draw(lines.subList(0, Math.min(lines.size(), MOST_SHOWN + 1)));
      } else {
        lines.stream().skip(headed ? 1 : 0).forEach(terminal::line);
        headed = true;
      }
      if (now.stream().noneMatch(session -> session.state().isPending())) {
        terminal.release();
        return now.stream().allMatch(session -> session.state() == SessionState.ACK_RECEIVED)
            ? 0
            : Howdah.NOT_WELL;
      }
      try {
        Thread.sleep(LOOK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Howdah.NOT_WELL;
      }
    }
  }

  /**
   * From what each had at the looks of the last seconds; a chunk that is under way counts when it
   * has arrived.
   */
  private static Map<String, Long> rates(List<Session> now, Map<String, Deque<long[]>> looks) {
    Map<String, Long> rates = new HashMap<>();
    long nanos = System.nanoTime();
    for (Session session : now) {
      Deque<long[]> its = looks.computeIfAbsent(session.id(), id -> new ArrayDeque<>());
      its.addLast(new long[] {nanos, session.progress().bytesUploaded()});
      while (nanos - its.peekFirst()[0] > RATE_WINDOW.toNanos() && its.size() > 2) {
        its.removeFirst();
      }
      long bytes = its.peekLast()[1] - its.peekFirst()[1];
      if (session.state().isPending() && bytes > 0) {
        rates.put(
            session.id(), bytes * Duration.ofSeconds(1).toNanos() / (nanos - its.peekFirst()[0]));
      }
    }
    return rates;
  }

  @Command(
      name = "retry",
      header = "Sets failed sessions back to their first unfinished step.",
      mixinStandardHelpOptions = true)
  int retry(@ArgGroup(multiplicity = "1") NamedOrFailed chosen) {
    return with(
        tools -> {
          List<String> which =
              chosen.among(
                  () ->
                      tools
                          .sessions
                          .list(
                              new Filter(
                                  Optional.empty(), Optional.empty(), Set.of(SessionState.FAILED)),
                              Integer.MAX_VALUE,
                              0)
                          .stream()
                          .map(Session::id)
                          .toList());
          return changed(
              tools,
              which,
              "retried",
              Session::canBeRetried,
              session -> session.retried(now()),
              new Note(WHO, "retry", "asked for by an operator"));
        });
  }

  @Command(
      name = "cancel",
      header = "Gives up sessions that have not begun.",
      mixinStandardHelpOptions = true)
  int cancel(
      @Parameters(arity = "1..*", paramLabel = "SESSION", description = "Their session_id.")
          List<String> ids) {
    return with(
        tools ->
            changed(
                tools,
                ids,
                "cancelled",
                session -> session.state() == SessionState.QUEUED,
                session -> session.cancelled(now()),
                new Note(WHO, "cancel", "asked for by an operator")));
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private int changed(
      Tools tools,
      List<String> ids,
      String done,
      Predicate<Session> allows,
      Function<Session, Session> change,
      Note note) {
    int count = 0;
    for (String id : ids) {
      boolean saved = false;
      for (int i = 0; i < LOST_RACES && !saved; i++) {
        Optional<Session> session = tools.sessions.find(id).filter(allows);
        if (session.isEmpty()) {
          break;
        }
        saved = tools.sessions.save(change.apply(session.get()), note).isPresent();
      }
      if (saved) {
        count++;
      } else {
        spec.commandLine()
            .getErr()
            .println("howdah: session " + Terminal.safe(id) + " cannot be " + done);
      }
    }
    spec.commandLine().getOut().println(count + " " + done);
    return count == ids.size() ? 0 : Howdah.NOT_WELL;
  }

  private int with(Function<Tools, Integer> work) {
    Settings settings = SettingsReader.read();
    Optional<Database> database = OwnDatabase.open(settings);
    if (database.isEmpty()) {
      spec.commandLine().getErr().println("howdah: there is no database yet, so no session");
      return Howdah.NOT_WELL;
    }
    try (Database open = database.get()) {
      return work.apply(
          new Tools(new SqlSessions(open, WHO, settings.work().lease()), new SqlAudit(open)));
    }
  }

  private record Tools(Sessions sessions, SqlAudit audit) {}
}
