package io.howdah.dicom.net;

/** What a UID on the wire may look like: 1 to 64 digits and dots (PS3.5 §9.1). */
final class UidSyntax {
  private UidSyntax() {}

  static boolean holds(String text) {
    if (text.isEmpty() || text.length() > 64) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '.' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return text.charAt(0) != '.' && text.charAt(text.length() - 1) != '.' && !text.contains("..");
  }
}
