package io.howdah.dicom.net;

/** What an AE title may look like (PS3.5 §6.2, VR AE). */
final class AeSyntax {
  private AeSyntax() {}

  static boolean holds(String title) {
    if (title.isBlank() || title.length() > 16) {
      return false;
    }
    for (int i = 0; i < title.length(); i++) {
      char c = title.charAt(i);
      if (c < ' ' || c > '~' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /** Any title in a form that is safe in a log line. */
  static String shown(String title) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < Math.min(16, title.length()); i++) {
      char c = title.charAt(i);
      shown.append(c > ' ' && c <= '~' ? c : '?');
    }
    return shown.toString();
  }
}
