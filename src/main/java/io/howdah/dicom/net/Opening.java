package io.howdah.dicom.net;

/** What an attempt to open an association came to. */
public sealed interface Opening {
  /** Agreed; the caller closes it. */
  record Opened(Association association) implements Opening {}

  /** The peer was not reached, did not answer, rejected us or broke the protocol. */
  record Failed(AssociationEnd end) implements Opening {}
}
