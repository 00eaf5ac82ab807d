package io.howdah.pacsupload;

/** Another system's database did not do its part; nothing was changed in it. */
public final class PacsUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final PacsCondition condition;

  public PacsUnavailable(PacsCondition condition, Throwable cause) {
    super(condition.sentence(), cause);
    this.condition = condition;
  }

  /** What is the matter with it. */
  public PacsCondition condition() {
    return condition;
  }
}
