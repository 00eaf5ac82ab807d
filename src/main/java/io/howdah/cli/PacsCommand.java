package io.howdah.cli;

import io.howdah.pacsupload.Attempt;
import io.howdah.pacsupload.PacsUnavailable;
import io.howdah.pacsupload.Upload;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.SqlPacs;
import io.howdah.storage.SqlUploadLedger;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code howdah pacs}: another system's images and how their upload stands; works on the databases
 * themselves, whether a gateway runs or not.
 */
@Command(
    name = "pacs",
    header = "Lists, shows and requeues the images of another system's pacs.db.",
    description = {"", "Reads PACS_DB_PATH; shows no patient's data."},
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what was asked",
      "1:an image is not there, or the database cannot be read; the output says which",
      "2:the command line or the settings make no sense"
    },
    synopsisSubcommandLabel = "(list | show | requeue)")
public final class PacsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name list, show or requeue.");
  }

  @Command(
      name = "list",
      header = "Lists images, newest first, and how many there are in each state.",
      mixinStandardHelpOptions = true)
  int list(
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only PENDING, UPLOADING, COMPLETE or FAILED images.")
          String status,
      @Mixin ListOptions options) {
    return with(
        tools -> {
          PrintWriter out = spec.commandLine().getOut();
          tools
              .pacs
              .list(
                  Optional.ofNullable(status).map(text -> text.toUpperCase(Locale.ROOT)),
                  options.limit())
              .forEach(
                  upload ->
                      out.printf(
                          "%-9s %2d  %s  %s%s%n",
                          upload.status(),
                          upload.attempts(),
                          upload.createdAt(),
                          upload.sopInstanceUid(),
                          upload.error() == null ? "" : "  " + upload.error()));
          tools.pacs.counts().forEach((state, count) -> out.println(count + " " + state));
          tools
              .ledger
              .map(SqlUploadLedger::waits)
              .orElse(Map.of())
              .forEach((reason, count) -> out.println(count + " waiting: " + reason));
          return 0;
        });
  }

  @Command(
      name = "show",
      header = "Shows an image's upload with every attempt.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "UID", description = "SOP Instance UID.") String uid) {
    return with(
        tools -> {
          Optional<Upload> found = tools.pacs.find(uid);
          if (found.isEmpty()) {
            spec.commandLine().getErr().println("howdah: pacs.db has no image of that UID");
            return Howdah.NOT_WELL;
          }
          Upload upload = found.get();
          PrintWriter out = spec.commandLine().getOut();
          out.println("upload_status         " + upload.status());
          out.println("upload_attempt_count  " + upload.attempts());
          out.println("upload_error          " + shown(upload.error()));
          out.println("last_upload_attempt   " + shown(upload.lastAttempt()));
          out.println("uploaded_at           " + shown(upload.uploadedAt()));
          out.println("created_at            " + shown(upload.createdAt()));
          out.println("file_size             " + upload.fileSize());
          tools
              .ledger
              .flatMap(ledger -> ledger.waiting(uid))
              .ifPresent(
                  waiting ->
                      out.println(
                          "waits                 "
                              + waiting.reason()
                              + " until "
                              + waiting.until()));
          for (Attempt attempt :
              tools.ledger.map(ledger -> ledger.attempts(uid)).orElse(List.of())) {
            out.printf(
                "attempt %d  %s  %s  %s%n",
                attempt.number(), attempt.startedAt(), attempt.outcome(), attempt.detail());
          }
          return 0;
        });
  }

  private static String shown(String text) {
    return text == null ? "-" : text;
  }

  @Command(
      name = "requeue",
      header = "Sets failed images back to be uploaded with all their attempts.",
      mixinStandardHelpOptions = true)
  int requeue(@ArgGroup(multiplicity = "1") NamedOrFailed chosen) {
    return with(
        tools -> {
          List<String> which =
              chosen.among(
                  () ->
                      tools.pacs.list(Optional.of("FAILED"), Integer.MAX_VALUE).stream()
                          .map(Upload::sopInstanceUid)
                          .toList());
          for (String uid : chosen.isAllFailed() ? List.<String>of() : which) {
            String state = tools.pacs.find(uid).map(Upload::status).orElse("not in pacs.db");
            if (!state.equals("FAILED")) {
              spec.commandLine().getErr().println("howdah: not requeued: " + uid + " is " + state);
            }
          }
          int changed = tools.pacs.requeue(Optional.of(which));
          tools.ledger.ifPresent(ledger -> ledger.forgetWaits(which));
          spec.commandLine().getOut().println(changed + " requeued");
          return chosen.isAllFailed() || changed == which.size() ? 0 : Howdah.NOT_WELL;
        });
  }

  private int with(Function<Tools, Integer> work) {
    Settings settings = SettingsReader.read();
    Settings.PacsUpload own = settings.pacsUpload();
    Optional<Database> database = OwnDatabase.open(settings);
    try (SqlPacs pacs = new SqlPacs(own.database(), (int) own.busyTimeout().toMillis())) {
      return work.apply(
          new Tools(pacs, database.map(open -> new SqlUploadLedger(open, "command"))));
    } catch (PacsUnavailable e) {
      spec.commandLine().getErr().println("howdah: pacs.db " + e.getMessage());
      return Howdah.NOT_WELL;
    } finally {
      database.ifPresent(Database::close);
    }
  }

  private record Tools(SqlPacs pacs, Optional<SqlUploadLedger> ledger) {}
}
