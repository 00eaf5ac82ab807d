package io.howdah.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;

/**
 * Where log lines go: a service's to stdout as {@code log4j2.xml} or a file of the operator's own
 * says, a command's never between the lines it prints. Counts only before the first line is logged
 * in this process.
 */
final class Logs {
  private static final String CONFIGURATION = "log4j2.configurationFile";

  /** Said by who started the process; a service keeps to it. */
  private static final String GIVEN =
      System.getProperty(CONFIGURATION, System.getenv("LOG4J_CONFIGURATION_FILE"));

  private Logs() {}

  /**
   * As a service, at {@code howdah.log.level}.
   *
   * @param config the folder whose {@code log4j2.xml}, if there is one, takes the packaged one's
   *     place
   */
  static void ofService(Path config, String level) {
    Path own = config.resolve("log4j2.xml");
    // named, because Log4j tries a hundred names in every jar before it comes to this one
    String ours = Files.isRegularFile(own) ? own.toUri().toString() : "classpath:log4j2.xml";
    System.setProperty(CONFIGURATION, GIVEN == null ? ours : GIVEN);
    System.setProperty("howdah.log.level", level);
  }

  /** Only errors, on stderr. */
  static void ofCommand() {
    System.setProperty(CONFIGURATION, "classpath:log4j2-command.xml");
  }

  /** What a service would say, in a file. */
  static void into(Path file) {
    System.setProperty("demo.log", file.toString());
    System.setProperty(CONFIGURATION, "classpath:log4j2-demo.xml");
  }

  /** Nothing said so far is lost when the process ends. */
  static void flush() {
    LogManager.shutdown();
  }
}
