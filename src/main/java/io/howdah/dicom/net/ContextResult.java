package io.howdah.dicom.net;

/**
 * The acceptor's answer to one proposed context (PS3.8 §9.3.3.2).
 *
 * @param id of the proposal
 * @param result 0 accepted, 1 user rejection, 2 no reason, 3 abstract syntax not supported, 4
 *     transfer syntaxes not supported
 * @param transferSyntax the one chosen; without meaning unless accepted
 */
public record ContextResult(int id, int result, String transferSyntax) {
  static final int ACCEPTED = 0;
  static final int NO_REASON = 2;
  static final int ABSTRACT_SYNTAX_NOT_SUPPORTED = 3;
  static final int TRANSFER_SYNTAXES_NOT_SUPPORTED = 4;

  /** True when objects may travel in this context. */
  public boolean accepted() {
    return result == ACCEPTED;
  }
}
