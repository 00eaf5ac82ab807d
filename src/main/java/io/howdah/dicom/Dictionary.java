package io.howdah.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The registry of data elements of PS3.6, in the edition that the first line of its table names;
 * read when first asked.
 */
public final class Dictionary {
  private static final int SLOTS = 1 << 14;

  /**
   * The last bit of {@link #allowed}: any of OB and OW and so on is asked for by name elsewhere.
   */
  private static final int NO_ENTRY = -1;

  private Dictionary() {}

  /** What the registry says about a tag; {@code vr} as written there, such as {@code US/SS}. */
  public record Entry(
      int tag, String keyword, String vr, String vm, boolean retired, String name) {}

  private static final class Elements {
    static final byte[] TEXT = Dictionary.read("elements.txt");
    static final int[] KEYS = new int[SLOTS];
    static final int[] STARTS = new int[SLOTS];
    static final long[] ALLOWED = new long[SLOTS];
    static final byte[] FIRST = new byte[SLOTS];

    static {
      int i = nextLine(0);
      while (i < TEXT.length) {
        int tag = 0;
        for (int k = 0; k < 8; k++) {
          int digit = Character.digit(TEXT[i + k], 16);
          // an x, any digit, is kept as F: no element has that in these places
          tag = tag << 4 | (digit < 0 ? 0xF : digit);
        }
        int slot = slot(tag);
        while (STARTS[slot] != 0) {
          slot = slot + 1 & SLOTS - 1;
        }
        KEYS[slot] = tag;
        STARTS[slot] = i;
        int vr = i + 9;
        while (TEXT[vr++] != '|') {}
        FIRST[slot] = (byte) NO_ENTRY;
        for (; TEXT[vr] != '|'; vr += TEXT[vr + 2] == '/' ? 3 : 2) {
          VR allowed = VR.of(TEXT[vr], TEXT[vr + 1]);
          ALLOWED[slot] |= 1L << allowed.ordinal();
          if (FIRST[slot] == NO_ENTRY || allowed == VR.OW) {
            FIRST[slot] = (byte) allowed.ordinal();
          }
        }
        i = nextLine(i);
      }
    }

    private static int nextLine(int from) {
      int i = from;
      while (TEXT[i] != '\n') {
        i++;
      }
      return i + 1;
    }

    private static int slot(int tag) {
      return (tag * 0x9E3779B1) >>> 18;
    }

    private static int find(int tag) {
      int slot = slot(tag);
      while (STARTS[slot] != 0) {
        if (KEYS[slot] == tag) {
          return slot;
        }
        slot = slot + 1 & SLOTS - 1;
      }
      return -1;
    }

    /** The slot of a tag, also through the repeating groups (PS3.5 §7.6), or -1. */
    static int slotOf(int tag) {
      int exact = find(tag);
      if (exact >= 0) {
        return exact;
      }
      int group = tag >>> 16;
      int top = group & 0xFF00;
      if ((top == 0x5000 || top == 0x6000 || top == 0x7F00) && (group & 0xFF) <= 0x1E) {
        return (group & 1) == 0 ? find(tag | 0x00FF0000) : -1;
      }
      return switch (group) {
        case 0x0020 -> (tag & 0xFF00) == 0x3100 ? find(0x002031FF) : -1;
        case 0x0028 -> (tag & 0x0F) < 4 ? find(tag | 0xF0) : -1;
        case 0x1000 -> find(tag | 0xFFF0);
        case 0x1010 -> find(0x1010FFFF);
        default -> -1;
      };
    }
  }

  private static final class Keywords {
    static final Map<String, Integer> TAGS = new HashMap<>(16_000);

    static {
      for (int slot = 0; slot < SLOTS; slot++) {
        if (Elements.STARTS[slot] != 0) {
          Entry entry = entryAt(slot, Elements.KEYS[slot]);
          if (!entry.keyword().isEmpty()) {
            TAGS.put(entry.keyword(), Elements.KEYS[slot]);
          }
        }
      }
    }
  }

  static byte[] read(String resource) {
    try (InputStream in = Dictionary.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the resource " + resource + " cannot be read", e);
    }
  }

  /** The entry of a tag, also within repeating groups; null for private and unknown tags. */
  public static Entry entry(int tag) {
    int slot = Elements.slotOf(tag);
    return slot < 0 ? null : entryAt(slot, tag);
  }

  private static Entry entryAt(int slot, int tag) {
    int start = Elements.STARTS[slot];
    int end = start;
    while (Elements.TEXT[end] != '\n') {
      end++;
    }
    String line = new String(Elements.TEXT, start, end - start, StandardCharsets.US_ASCII);
    String[] fields = line.split("\\|", 6);
    return new Entry(tag, fields[1], fields[2], fields[3], !fields[4].isEmpty(), fields[5]);
  }

  /** The keyword of a tag such as {@code PatientName}; null for private and unknown tags. */
  public static String keyword(int tag) {
    Entry entry = entry(tag);
    return entry == null || entry.keyword().isEmpty() ? null : entry.keyword();
  }

  /** The tag of a keyword, or -1 when there is none. */
  public static int tag(String keyword) {
    return Keywords.TAGS.getOrDefault(keyword, -1);
  }

  /**
   * The VR of a tag where the file does not say (Implicit VR). Group lengths are UL, private
   * creators LO, private and unknown tags UN; of several, OW where it is one of them, US before SS.
   */
  public static VR vr(int tag) {
    if (Tag.isPrivate(tag)) {
      return Tag.isPrivateCreator(tag) ? VR.LO : (tag & 0xFFFF) == 0 ? VR.UL : VR.UN;
    }
    int slot = Elements.slotOf(tag);
    if (slot < 0 || Elements.FIRST[slot] == NO_ENTRY) {
      return (tag & 0xFFFF) == 0 ? VR.UL : VR.UN;
    }
    return VR.ofOrdinal(Elements.FIRST[slot]);
  }

  /** False only when the registry knows the tag and gives it other VRs; UN is always allowed. */
  public static boolean allows(int tag, VR vr) {
    if (vr == VR.UN || Tag.isPrivate(tag)) {
      return true;
    }
    int slot = Elements.slotOf(tag);
    return slot < 0
        || Elements.ALLOWED[slot] == 0
        || (Elements.ALLOWED[slot] >>> vr.ordinal() & 1) != 0;
  }

  /** True when the registry knows the tag. */
  public static boolean knows(int tag) {
    return Elements.slotOf(tag) >= 0;
  }
}
