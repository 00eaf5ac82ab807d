package io.howdah.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command run in this process, with what it printed; settings are given as system properties and
 * taken back after it.
 */
record CommandLineRun(int exitCode, String out, String err) {
  /** Runs a command with settings, such as {@code howdah.data}. */
  static CommandLineRun with(Map<String, String> settings, String... args) {
    Map<String, String> before = new TreeMap<>();
    settings.forEach(
        (key, value) -> {
          before.put(key, System.getProperty(key, ""));
          System.setProperty(key, value);
        });
    try {
      return of((Object[]) args);
    } finally {
      before.forEach(
          (key, value) -> {
            if (value.isEmpty()) {
              System.clearProperty(key);
            } else {
              System.setProperty(key, value);
            }
          });
    }
  }

  /** Runs a command with the settings of this project. */
  static CommandLineRun of(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stdout = System.out;
    PrintStream stderr = System.err;
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      int exitCode =
          Howdah.commandLine()
              .execute(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
      return new CommandLineRun(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(stdout);
      System.setErr(stderr);
    }
  }

  /** The lines of its output. */
  List<String> lines() {
    return out.lines().toList();
  }

  /** Settings of a gateway that keeps everything in {@code data}. */
  static Map<String, String> dataIn(Path data) {
    return Map.of("howdah.data", data.toString(), "howdah.intake.disk-reserve", "0");
  }
}
