package io.howdah.dicom.net;

/**
 * A proposal together with the peer's answer.
 *
 * @param result 0 accepted, otherwise as in {@link ContextResult}, -1 when the peer left it out
 * @param transferSyntax the one to be used, empty unless accepted
 */
public record NegotiatedContext(PresentationContext proposed, int result, String transferSyntax) {
  /** True when objects may travel in this context. */
  public boolean accepted() {
    return result == ContextResult.ACCEPTED;
  }
}
