package io.howdah.dicom;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Turns bytes into text as a Specific Character Set (0008,0005) says (PS3.3 §C.12.1.1.2, PS3.5
 * §6.1): single sets, code extensions by ISO 2022 escape sequences, and the sets without code
 * extensions (UTF-8, GB18030, GBK). What cannot be decoded becomes U+FFFD; nothing here throws.
 */
public final class CharacterSets {
  private static final char REPLACEMENT = '\uFFFD';
  private static final int ESCAPE = 0x1B;

  /** One coded character set that can be designated to G0 or G1 (PS3.3 Tables C.12-2 to C.12-4). */
  private enum Coded {
    ASCII("US-ASCII", 1),
    LATIN1("ISO-8859-1", 1),
    LATIN2("ISO-8859-2", 1),
    LATIN3("ISO-8859-3", 1),
    LATIN4("ISO-8859-4", 1),
    CYRILLIC("ISO-8859-5", 1),
    ARABIC("ISO-8859-6", 1),
    GREEK("ISO-8859-7", 1),
    HEBREW("ISO-8859-8", 1),
    LATIN5("ISO-8859-9", 1),
    LATIN9("ISO-8859-15", 1),
    THAI("TIS-620", 1),
    ROMAJI("JIS_X0201", 1),
    KATAKANA("JIS_X0201", 1),
    KANJI("x-JIS0208", 2),
    KANJI_SUPPLEMENT("JIS_X0212-1990", 2),
    HANGUL("EUC-KR", 2),
    HANZI("GB2312", 2);

    final Charset charset;
    final int width;

    Coded(String charset, int width) {
      this.charset = Charset.forName(charset);
      this.width = width;
    }
  }

  /** What a defined term puts into G0 and G1 when it is the first. */
  private record Initial(Coded g0, Coded g1) {}

  private static final Map<String, Initial> TERMS =
      Map.ofEntries(
          Map.entry("6", new Initial(Coded.ASCII, null)),
          Map.entry("100", new Initial(Coded.ASCII, Coded.LATIN1)),
          Map.entry("101", new Initial(Coded.ASCII, Coded.LATIN2)),
          Map.entry("109", new Initial(Coded.ASCII, Coded.LATIN3)),
          Map.entry("110", new Initial(Coded.ASCII, Coded.LATIN4)),
          Map.entry("144", new Initial(Coded.ASCII, Coded.CYRILLIC)),
          Map.entry("127", new Initial(Coded.ASCII, Coded.ARABIC)),
          Map.entry("126", new Initial(Coded.ASCII, Coded.GREEK)),
          Map.entry("138", new Initial(Coded.ASCII, Coded.HEBREW)),
          Map.entry("148", new Initial(Coded.ASCII, Coded.LATIN5)),
          Map.entry("203", new Initial(Coded.ASCII, Coded.LATIN9)),
          Map.entry("166", new Initial(Coded.ASCII, Coded.THAI)),
          Map.entry("13", new Initial(Coded.ROMAJI, Coded.KATAKANA)),
          Map.entry("14", new Initial(Coded.ROMAJI, Coded.KATAKANA)),
          // allowed as further values only; as the first they leave G0 as it is
          Map.entry("87", new Initial(Coded.ASCII, null)),
          Map.entry("159", new Initial(Coded.ASCII, null)),
          Map.entry("149", new Initial(Coded.ASCII, Coded.HANGUL)),
          Map.entry("58", new Initial(Coded.ASCII, Coded.HANZI)));

  private static final Map<String, Charset> WHOLE =
      Map.of(
          "ISO_IR 192", StandardCharsets.UTF_8,
          "GB18030", Charset.forName("GB18030"),
          "GBK", Charset.forName("GBK"));

  /** The default repertoire, ISO-IR 6. */
  public static final CharacterSets DEFAULT = of(List.of());

  private final List<String> terms;
  private final List<String> unknown;
  private final Charset whole;
  private final Initial initial;

  private CharacterSets(List<String> terms, List<String> unknown, Charset whole, Initial initial) {
    this.terms = terms;
    this.unknown = unknown;
    this.whole = whole;
    this.initial = initial;
  }

  /** The character sets these defined terms name; a term nobody defined is kept in mind. */
  public static CharacterSets of(List<String> terms) {
    List<String> unknown = new ArrayList<>();
    Charset whole = null;
    Initial initial = null;
    for (int i = 0; i < terms.size(); i++) {
      String term = terms.get(i);
      Charset alone = WHOLE.get(term);
      Initial known = term.isEmpty() && i == 0 ? TERMS.get("6") : TERMS.get(number(term));
      if (alone == null && (known == null || !isSpelledRight(term))) {
        unknown.add(term);
      }
      if (i == 0) {
        whole = alone;
        initial = known;
      }
    }
    return new CharacterSets(
        List.copyOf(terms), unknown, whole, initial == null ? TERMS.get("6") : initial);
  }

  /** The number in {@code ISO_IR 100}, {@code ISO 2022 IR 100} and how devices misspell them. */
  private static String number(String term) {
    String upper = term.toUpperCase(Locale.ROOT).replace('_', ' ').replace('-', ' ');
    if (!upper.startsWith("ISO")) {
      return "";
    }
    int ir = upper.indexOf("IR ");
    return ir < 0 ? "" : upper.substring(ir + 3).strip();
  }

  private static boolean isSpelledRight(String term) {
    return term.isEmpty() || term.startsWith("ISO_IR ") || term.startsWith("ISO 2022 IR ");
  }

  /** The defined terms as they are in the file. */
  public List<String> terms() {
    return terms;
  }

  /** Those of the terms that the standard does not define. Their text is decoded as it may be. */
  public List<String> unknownTerms() {
    return List.copyOf(unknown);
  }

  /** Decodes a value; backslashes that separate values stay in the text. */
  public String decode(byte[] bytes, int offset, int length, VR vr) {
    int end = offset + length;
    int i = offset;
    while (i < end && bytes[i] >= 0 && bytes[i] != ESCAPE) {
      i++;
    }
    if (i == end && initial.g0() == Coded.ASCII) {
      return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }
    return new Run(vr).decode(bytes, offset, end);
  }

  /** Decodes a value. */
  public String decode(byte[] bytes, VR vr) {
    return decode(bytes, 0, bytes.length, vr);
  }

  /**
   * Encodes text in the first of these sets, without escape sequences; a character that it lacks
   * becomes a question mark.
   */
  byte[] encode(String text, VR vr) {
    if (!vr.usesCharacterSet()) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }
    if (whole != null) {
      return text.getBytes(whole);
    }
    Coded set = initial.g1() == null ? initial.g0() : initial.g1();
    return text.getBytes(set.charset);
  }

  /** False when some byte is not valid here, or a code extension is used that no term announces. */
  public boolean isClean(byte[] bytes, int offset, int length, VR vr) {
    Run run = new Run(vr);
    run.decode(bytes, offset, offset + length);
    return run.clean;
  }

  private boolean announces(Coded coded) {
    for (String term : terms) {
      Initial known = TERMS.get(number(term));
      if (known != null && (known.g0() == coded || known.g1() == coded)) {
        return true;
      }
      String number = number(term);
      if (coded == Coded.KANJI && number.equals("87")
          || coded == Coded.KANJI_SUPPLEMENT && number.equals("159")) {
        return true;
      }
    }
    return coded == Coded.ASCII;
  }

  /** One value being decoded: which sets are designated, and whether all was well so far. */
  private final class Run {
    private final VR vr;
    private Coded g0 = initial.g0();
    private Coded g1 = initial.g1();
    private boolean clean = true;

    Run(VR vr) {
      this.vr = vr;
    }

    String decode(byte[] bytes, int from, int end) {
      if (whole != null) {
        return decoded(whole, bytes, from, end);
      }
      StringBuilder text = new StringBuilder(end - from);
      int i = from;
      while (i < end) {
        int b = bytes[i] & 0xFF;
        if (b == ESCAPE) {
          i = escape(bytes, i, end, text);
        } else if (b < 0x21 || b == 0x7F) {
          // control characters and space are the same in every set
          if (b != ' ' && b < 0x20 && b != 0) {
            reset();
          }
          text.append((char) b);
          i++;
        } else if (g0.width == 1 && isDelimiter(b)) {
          reset();
          text.append((char) b);
          i++;
        } else {
          int start = i;
          Coded set = b < 0x80 ? g0 : g1;
          while (i < end && inRun(bytes[i] & 0xFF, b >= 0x80)) {
            i++;
          }
          append(set, bytes, start, i, text);
        }
      }
      return text.toString();
    }

    private boolean inRun(int b, boolean high) {
      if (high) {
        return b >= 0x80;
      }
      return b > 0x20 && b < 0x7F && (g0.width == 2 || !isDelimiter(b));
    }

    /** The first set is active again after these (PS3.5 §6.1.2.5.3). */
    private boolean isDelimiter(int b) {
      return b == '\\' && vr.isMultiValued() || vr == VR.PN && (b == '^' || b == '=');
    }

    private void reset() {
      g0 = initial.g0();
      g1 = initial.g1();
    }

    private void append(Coded set, byte[] bytes, int from, int to, StringBuilder text) {
      if (set == null) {
        clean = false;
        for (int i = from; i < to; i++) {
          text.append(REPLACEMENT);
        }
      } else if (set == Coded.ROMAJI) {
        for (int i = from; i < to; i++) {
          // 05/12 is the yen sign, but also what separates values
          text.append(bytes[i] == 0x7E ? '\u203E' : (char) bytes[i]);
        }
      } else {
        text.append(decoded(set.charset, bytes, from, to));
      }
    }

    private String decoded(Charset charset, byte[] bytes, int from, int to) {
      CharsetDecoder decoder =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .onUnmappableCharacter(CodingErrorAction.REPLACE)
              .replaceWith("\uFFFD");
      CharBuffer out =
          CharBuffer.allocate(
              (int) Math.ceil((to - from) * (double) decoder.maxCharsPerByte()) + 2);
      decoder.decode(ByteBuffer.wrap(bytes, from, to - from), out, true);
      decoder.flush(out);
      String text = wellFormed(out.flip().toString());
      if (text.indexOf(REPLACEMENT) >= 0) {
        clean = false;
      }
      return text;
    }

    /** GB18030 has codes for surrogates; alone they are no characters. */
    private String wellFormed(String text) {
      if (whole == null || text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
        return text;
      }
      StringBuilder repaired = new StringBuilder(text);
      for (int i = 0; i < repaired.length(); i++) {
        char c = repaired.charAt(i);
        if (Character.isHighSurrogate(c)
            && i + 1 < repaired.length()
            && Character.isLowSurrogate(repaired.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(c)) {
          repaired.setCharAt(i, REPLACEMENT);
        }
      }
      return repaired.toString();
    }

    /** PS3.3 Tables C.12-3 and C.12-4. Returns the index after the sequence. */
    private int escape(byte[] bytes, int at, int end, StringBuilder text) {
      int a = at + 1 < end ? bytes[at + 1] : 0;
      int b = at + 2 < end ? bytes[at + 2] : 0;
      int c = at + 3 < end ? bytes[at + 3] : 0;
      Coded designated = null;
      int length = 3;
      boolean toG1 = false;
      if (a == '(') {
        designated = b == 'B' ? Coded.ASCII : b == 'J' ? Coded.ROMAJI : null;
      } else if (a == ')') {
        designated = b == 'I' ? Coded.KATAKANA : null;
        toG1 = true;
      } else if (a == '-') {
        designated = highSet(b);
        toG1 = true;
      } else if (a == '$' && b == 'B') {
        designated = Coded.KANJI;
      } else if (a == '$' && b == '(' && c == 'D') {
        designated = Coded.KANJI_SUPPLEMENT;
        length = 4;
      } else if (a == '$' && b == ')' && (c == 'A' || c == 'C')) {
        designated = c == 'A' ? Coded.HANZI : Coded.HANGUL;
        length = 4;
        toG1 = true;
      }
      if (designated == null) {
        clean = false;
        text.append(REPLACEMENT);
        return at + 1;
      }
      clean &= announces(designated);
      if (toG1) {
        g1 = designated;
      } else {
        g0 = designated;
      }
      return at + length;
    }

    private static Coded highSet(int finalByte) {
      return switch (finalByte) {
        case 'A' -> Coded.LATIN1;
        case 'B' -> Coded.LATIN2;
        case 'C' -> Coded.LATIN3;
        case 'D' -> Coded.LATIN4;
        case 'L' -> Coded.CYRILLIC;
        case 'G' -> Coded.ARABIC;
        case 'F' -> Coded.GREEK;
        case 'H' -> Coded.HEBREW;
        case 'M' -> Coded.LATIN5;
        case 'b' -> Coded.LATIN9;
        case 'T' -> Coded.THAI;
        default -> null;
      };
    }
  }
}
