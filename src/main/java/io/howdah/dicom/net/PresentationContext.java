package io.howdah.dicom.net;

import java.util.List;

/**
 * One proposal of an association: a kind of object and the encodings it may travel in (PS3.8
 * §9.3.2.2).
 *
 * @param id odd, 1 to 255, unique in its association
 * @param abstractSyntax SOP class UID
 * @param transferSyntaxes at least one
 */
public record PresentationContext(int id, String abstractSyntax, List<String> transferSyntaxes) {
  /** How many contexts one association can propose: the odd numbers of a byte. */
  public static final int MAX = 128;

  public PresentationContext {
    transferSyntaxes = List.copyOf(transferSyntaxes);
    if (id < 1 || id > 255 || id % 2 == 0) {
      throw new IllegalArgumentException("a presentation context id is odd, 1 to 255: " + id);
    }
    if (transferSyntaxes.isEmpty()) {
      throw new IllegalArgumentException("a presentation context needs a transfer syntax");
    }
  }
}
