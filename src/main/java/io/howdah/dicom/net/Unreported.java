package io.howdah.dicom.net;

/**
 * Storage commitments that peers were asked for and have not reported on.
 *
 * @param open all of them
 * @param overdue those asked for longer ago than one should wait
 * @param peer the AE title that owes the oldest of these; empty when there is none
 */
public record Unreported(long open, long overdue, String peer) {
  /** Nobody owes anything. */
  public static final Unreported NONE = new Unreported(0, 0, "");
}
