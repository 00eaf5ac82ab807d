package io.howdah.cli;

import io.howdah.disk.StorageUnavailable;
import io.howdah.settings.BadSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: every command of Howdah, and what an error looks like to its caller. */
@Command(
    name = "howdah",
    header = "Howdah, a DICOM imaging gateway that loses nothing on the way.",
    description = {
      "",
      "Takes DICOM in over HTTP, a watched folder or DICOM itself, checks it, describes it and archives it; every accepted file is on disk and in a row before its sender is told."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    commandListHeading = "%nCommands:%n",
    footerHeading = "%n",
    footer = {
      "./howdah test [MAVEN ARGUMENTS] runs the whole test suite (in a clone).",
      "Settings come from config/application.properties in the directory it is started in, from .env and from the environment; 'howdah doctor' checks them."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what was asked",
      "1:something is not as it should be; the output says what",
      "2:the command line or the settings make no sense; nothing was done"
    })
public final class Howdah implements Runnable {
  /** Something is not as it should be. */
  static final int NOT_WELL = 1;

  /** The command line or the settings make no sense. */
  static final int MISUSE = 2;

  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          RunCommand.class,
          StatusCommand.class,
          ImportCommand.class,
          RequeueCommand.class,
          ValidateCommand.class,
          DumpCommand.class,
          PacsCommand.class,
          EchoCommand.class,
          SendCommand.class,
          PreflightCommand.class,
          ReceiveCommand.class,
          ToyPeerCommand.class,
          BatchesCommand.class,
          DestinationsCommand.class,
          SessionsCommand.class,
          AuditCommand.class,
          DoctorCommand.class,
          HelpCommand.class);

  @Spec private CommandSpec spec;

  private Howdah() {}

  /** Runs a command line; the process's exit code. */
  public static int run(String... args) {
    Logs.ofCommand();
    return List.of(args).equals(List.of("run")) ? gateway() : commandLine().execute(args);
  }

  /**
   * A gateway's start, which has no options; to build the command line's parser first would be a
   * tenth of it.
   */
  private static int gateway() {
    try {
      return new RunCommand().call();
    } catch (Exception e) {
      return explain(e, new PrintWriter(System.err, true));
    }
  }

  /** All commands, ready to be executed. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Howdah());
    COMMANDS.forEach(line::addSubcommand);
    line.setExecutionExceptionHandler((failure, it, parsed) -> explain(failure, it.getErr()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setAbbreviatedOptionsAllowed(false);
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command, such as demo or run.");
  }

  /** One line for each thing that is wrong, never a stack trace for what a person can put right. */
  private static int explain(Exception failure, PrintWriter err) {
    if (failure instanceof BadSettings bad) {
      err.println("howdah: the settings make no sense:");
      bad.complaints().forEach(complaint -> err.println("  " + complaint));
      return MISUSE;
    }
    if (failure instanceof Unable || failure instanceof StorageUnavailable) {
      err.println("howdah: " + failure.getMessage());
      return NOT_WELL;
    }
    if (failure instanceof FileSystemException file) {
      err.println("howdah: " + file.getFile() + ": " + cause(file));
      return NOT_WELL;
    }
    if (failure instanceof IOException) {
      err.println("howdah: " + failure.getMessage());
      return NOT_WELL;
    }
    err.println("howdah: this should not happen; please report it with what follows");
    failure.printStackTrace(err);
    return NOT_WELL;
  }

  private static String cause(FileSystemException failure) {
    if (failure.getReason() != null) {
      return failure.getReason();
    }
    return switch (failure.getClass().getSimpleName()) {
      case "NoSuchFileException" -> "there is no such file";
      case "AccessDeniedException" -> "this user may not read or write it";
      default -> failure.getClass().getSimpleName();
    };
  }

  /** What the jar says about itself. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"howdah " + text(), "Java " + Runtime.version()};
    }

    /** The version, or {@code development} outside a jar. */
    static String text() {
      String version = Howdah.class.getPackage().getImplementationVersion();
      return version == null ? "development" : version;
    }
  }
}
