package io.howdah;

import io.howdah.cli.Howdah;

/** Starts Howdah: reads the command line and runs what it names. */
public final class HowdahMain {
  private HowdahMain() {}

  /** Ends the process with the command's exit code. */
  public static void main(String[] args) {
    System.exit(Howdah.run(args));
  }
}
