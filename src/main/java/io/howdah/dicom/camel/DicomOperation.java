package io.howdah.dicom.camel;

/** What a {@code dicom:} endpoint does; the names are the words in its URI. */
public enum DicomOperation {
  /** Producer: C-STORE of the body's files over one association. */
  send,
  /** Producer: C-ECHO. */
  echo,
  /** Producer: which of the body's SOP instances the peer has (C-FIND, level IMAGE). */
  find,
  /** Producer: asks the peer to commit itself to the body's instances (N-ACTION). */
  commit,
  /** Consumer: C-ECHO, C-STORE, procedure steps and commitment reports of peers. */
  server
}
