package io.howdah;

/** Starts Howdah. */
public final class HowdahMain {
  private HowdahMain() {}

  /** Reads the command line and runs what it names. */
  public static void main(String[] args) {
    System.out.println("howdah");
  }
}
