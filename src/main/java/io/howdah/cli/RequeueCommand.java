package io.howdah.cli;

import io.howdah.disk.Disk;
import io.howdah.disk.Uploads;
import io.howdah.events.Outbox;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.StatusPage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.StudyStatus;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlStudies;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code howdah requeue}: failed studies wait for validation again; works on the database and the
 * folders themselves, beside a running gateway or without one.
 */
@Command(
    name = "requeue",
    header = "Makes failed studies wait for validation again.",
    description = {
      "",
      "Run it with the settings of the gateway, in its directory. The bytes go back from quarantine to uploads and are on disk before the row says so; a running gateway takes the study up within howdah.work.sweep, any other at its next start. Put right what made it fail first (a profile, a full disk), or it fails again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every study that was named is requeued (with --failed and --invalid: or there was none)",
      "1:some are not; each says why",
      "2:the command line or the settings make no sense"
    })
final class RequeueCommand implements Callable<Integer> {
  private static final int PAGE = 500;

  @Parameters(arity = "0..*", paramLabel = "ID", description = "The study_id of a failed study.")
  private List<String> studyIds = new ArrayList<>();

  @Option(
      names = "--failed",
      description =
          "Every study in the state failed: those that something other than a verdict stopped.")
  private boolean failed;

  @Option(
      names = "--invalid",
      description =
          "Every study in the state validation_failed, such as after a profile was changed.")
  private boolean invalid;

  @Option(
      names = "--code",
      paramLabel = "CODE",
      description = "With --failed: only those with this code, such as UNEXPECTED.")
  private String code;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (studyIds.isEmpty() == !(failed || invalid)) {
      throw new ParameterException(
          spec.commandLine(), "name studies, or give --failed or --invalid; one of the two");
    }
    if (code != null && !failed) {
      throw new ParameterException(spec.commandLine(), "--code narrows --failed down");
    }
    Settings settings = SettingsReader.read();
    requireDatabase(settings);
    Terminal terminal = Terminal.system();
    InstantSource clock = InstantSource.system();
    try (Database database = Database.open(settings.database())) {
      Studies studies =
          new SqlStudies(
              database,
              clock,
              "requeue-" + ProcessHandle.current().pid(),
              settings.work().lease(),
              Set.of(),
              targets(settings));
      Quarantine quarantine =
          new Quarantine(
              new OwnFolders(database).recognise("quarantine", settings.quarantine()), new Disk());
      List<String> ids = studyIds.isEmpty() ? chosen(studies) : studyIds;
      int requeued = 0;
      for (String id : ids) {
        Optional<String> obstacle = requeue(studies, quarantine, settings, clock, id);
        requeued += obstacle.isEmpty() ? 1 : 0;
        terminal.line(
            obstacle
                .map(why -> terminal.bad("not requeued") + "  " + Terminal.safe(id) + ": " + why)
                .orElse(terminal.good("requeued    ") + "  " + id));
      }
      if (ids.size() != 1) {
        terminal.line(
            requeued + " of " + Terminal.count(ids.size(), "study", "studies") + " requeued");
      }
      return requeued == ids.size() ? 0 : Howdah.NOT_WELL;
    }
  }

  /** Opening would make an empty one, and the operator think that all is well. */
  private static void requireDatabase(Settings settings) {
    if (settings.database().isSqlite()) {
      Path file = Path.of(settings.database().url().substring("jdbc:sqlite:".length()));
      if (!Files.isRegularFile(file)) {
        throw new Unable(
            "there is no database "
                + file
                + "; run this in the gateway's directory, or with its HOWDAH_DATA");
      }
    }
  }

  private static Set<Outbox.Target> targets(Settings settings) {
    Set<Outbox.Target> targets = EnumSet.noneOf(Outbox.Target.class);
    settings.redis().ifPresent(uri -> targets.add(Outbox.Target.REDIS));
    settings.statusService().ifPresent(uri -> targets.add(Outbox.Target.STATUS_SERVICE));
    return targets;
  }

  private List<String> chosen(Studies studies) {
    List<String> ids = new ArrayList<>();
    if (failed) {
      all(studies, StudyState.FAILED).stream()
          .filter(study -> code == null || study.details().path("code").asText().equals(code))
          .forEach(study -> ids.add(study.studyId()));
    }
    if (invalid) {
      all(studies, StudyState.VALIDATION_FAILED).forEach(study -> ids.add(study.studyId()));
    }
    return ids;
  }

  private static List<StudyStatus> all(Studies studies, StudyState state) {
    List<StudyStatus> all = new ArrayList<>();
    for (int page = 1; ; page++) {
      StatusPage found = studies.page(Optional.of(state), Optional.empty(), page, PAGE);
      all.addAll(found.results());
      if (found.results().size() < PAGE) {
        return all;
      }
    }
  }

  /** Why it could not be requeued; empty when it was. */
  private static Optional<String> requeue(
      Studies studies,
      Quarantine quarantine,
      Settings settings,
      InstantSource clock,
      String studyId)
      throws IOException {
    Optional<StudyStatus> status = studies.status(studyId);
    if (status.isEmpty()) {
      return Optional.of("there is no such study");
    }
    StudyState state = status.get().status();
    if (state != StudyState.FAILED && state != StudyState.VALIDATION_FAILED) {
      return Optional.of("it is " + state.word() + ", which is no failure");
    }
    Path waiting = new Uploads(settings.intake().uploads()).file(studyId);
    try {
      if (!quarantine.giveBack(studyId, waiting, clock.instant())) {
        return Optional.of(
            "its bytes are neither in quarantine nor in uploads; ask its sender for the file again");
      }
    } catch (FileAlreadyExistsException e) {
      return Optional.of("other bytes than those in quarantine wait as " + waiting.getFileName());
    }
    if (studies.requeue(studyId)) {
      return Optional.empty();
    }
    return Optional.of(
        studies
            .holding(Disk.sha256(waiting))
            .map(other -> "equal bytes came again and are study " + other)
            .orElse("another process reports its status here, and has its bytes"));
  }
}
