package io.howdah.cli;

import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a command is to try again: either all that failed or what is named, never both. */
final class NamedOrFailed {
  @Option(names = "--failed", required = true, description = "All that failed.")
  private boolean failed;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "As list shows them.")
  private List<String> names;

  boolean isAllFailed() {
    return failed;
  }

  /** Those named, or else the failed ones. */
  List<String> among(Supplier<List<String>> allFailed) {
    return failed ? allFailed.get() : names;
  }
}
