package io.howdah.cli;

import picocli.CommandLine.Option;

/** How much of a long list is shown. */
final class ListOptions {
  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  private int limit;

  int limit() {
    return limit;
  }
}
