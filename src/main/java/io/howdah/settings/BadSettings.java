package io.howdah.settings;

import java.util.List;

/** The settings contradict themselves or make no sense; says everything that is wrong at once. */
public final class BadSettings extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<String> complaints;

  public BadSettings(List<String> complaints) {
    super("Howdah does not start: " + String.join("; ", complaints));
    this.complaints = List.copyOf(complaints);
  }

  /** One sentence each: which key, what is wrong, what would be right. */
  public List<String> complaints() {
    return complaints;
  }
}
