package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import java.io.IOException;
import java.util.List;

/**
 * The reading of elements, one after the other: iterative, with every length checked against what
 * is left before anything is reserved for it.
 */
final class Elements {
  /** Of values after {@link Limits#headerBytes()}, those up to this length are kept. */
  private static final int SHORT_VALUE = 1 << 12;

  private final Limits limits;
  private final boolean toTheEnd;
  private final Window raw;
  private final Defects defects;
  private final Levels levels = new Levels();
  private final ElementChecks checks;

  /** What is being read now: the file, or the deflated data set in it. */
  private Window in;

  private Source.Inflating inflating;
  private Table table;
  private boolean explicit;
  private boolean bigEndian;
  private int pixelRepresentation;
  private PixelData pixelData;
  private int fragments;
  private boolean done;
  private boolean stopped;
  private int shortValuesLeft = 1 << 20;

  /**
   * @param raw the file
   * @param toTheEnd false to stop at the pixel data
   */
  Elements(Limits limits, Window raw, boolean toTheEnd, Defects defects) {
    this.limits = limits;
    this.raw = raw;
    this.in = raw;
    this.toTheEnd = toTheEnd;
    this.defects = defects;
    this.checks = new ElementChecks(levels, defects);
  }

  /** Reads from here on; with {@code unpacking} when it is a deflated data set. */
  void from(Window window, Source.Inflating unpacking) {
    in = window;
    inflating = unpacking;
  }

  /** Group 0002, up to the first element of another. */
  Table meta(boolean asExplicit, int rows) throws IOException {
    explicit = asExplicit;
    table = new Table(false, rows);
    elements(true);
    return table;
  }

  /** A data set, up to its end or its pixel data. */
  Table dataSet(TransferSyntax syntax, int rows) throws IOException {
    explicit = syntax.explicitVR();
    bigEndian = syntax.bigEndian();
    table = new Table(bigEndian, rows);
    elements(false);
    return table;
  }

  /** The pixel data that was met; null when there was none. */
  PixelData pixelData() {
    return pixelData;
  }

  /** True when the reading ended at the pixel data. */
  boolean stopped() {
    return stopped;
  }

  /** Reads elements until the end, the pixel data if that is enough, or the end of group 0002. */
  private void elements(boolean meta) throws IOException {
    levels.reset();
    done = false;
    while (!done && !defects.isFatal()) {
      while (levels.depth() > 0 && in.offset() >= levels.end()) {
        if (in.offset() > levels.end()) {
          defects.report(
              Code.LENGTH_PAST_END,
              table.tags[levels.row()],
              levels.end(),
              Severity.ERROR,
              "what is inside is longer than the length given");
        }
        close();
      }
      if (!in.ensure(8)) {
        ended();
        return;
      }
      byte[] b = in.buffer;
      int at = in.position;
      int tag =
          bigEndian
              ? Part10.u16be(b, at) << 16 | Part10.u16be(b, at + 2)
              : Part10.u16(b, at) << 16 | Part10.u16(b, at + 2);
      if (meta && levels.depth() == 0 && tag >>> 16 != 0x0002) {
        return;
      }
      if (tag >>> 16 == 0xFFFE) {
        delimiter(tag);
      } else if (!levels.isItem()) {
        notAnItem(tag);
      } else {
        element(tag, b, at, meta);
      }
    }
  }

  private void element(int tag, byte[] b, int at, boolean meta) throws IOException {
    VR vr;
    long length;
    int head = 8;
    boolean asExplicit = explicit;
    if (explicit) {
      vr = VR.of(b[at + 4], b[at + 5]);
      if (vr == null) {
        unknownVR(tag, meta);
        return;
      }
      if (vr.hasLongLength()) {
        head = 12;
        if (!in.ensure(12)) {
          truncated(tag, "the file ends within the header of an element");
          return;
        }
        length = u32(in.buffer, in.position + 8);
      } else {
        length = u16(b, at + 6);
      }
      if (vr == VR.UN && !bigEndian) {
        // PS3.5 §6.2.2: what was not known then may be known now, and is in Implicit VR
        VR known = Dictionary.vr(tag);
        if (known != VR.UN && !(known.isBulk() && length == Table.UNDEFINED)) {
          vr = known;
          asExplicit = false;
        }
      }
    } else {
      vr = Dictionary.vr(tag);
      length = u32(b, at + 4);
    }
    if (vr == VR.US && !asExplicit && pixelRepresentation == 1 && Dictionary.allows(tag, VR.SS)) {
      vr = VR.SS;
    }
    value(tag, vr, length, head, asExplicit, meta);
  }

  private void value(int tag, VR vr, long length, int head, boolean asExplicit, boolean meta)
      throws IOException {
    if (table.count + fragments >= limits.elements()) {
      tooMany(tag);
      return;
    }
    if (toTheEnd) {
      checks.check(table, tag, vr, asExplicit, meta, in.offset());
    }
    levels.lastTag(tag);
    boolean pixels = levels.depth() == 0 && Tag.isPixelData(tag);
    if (length == Table.UNDEFINED) {
      undefined(tag, vr, head, asExplicit, pixels);
      return;
    }
    long valueOffset = in.offset() + head;
    if (length >= 0xFFFFFFF0L) {
      fail(Code.LENGTH_RESERVED, tag, in.offset(), "the length is a reserved one");
      return;
    }
    if ((length & 1) != 0) {
      defects.report(Code.LENGTH_ODD, tag, in.offset(), Severity.WARNING, "the length is odd");
    }
    if (length > in.remaining() - head && (vr != VR.SQ || pixels)) {
      if (pixels && !toTheEnd) {
        pixelData = new PixelData(tag, vr, valueOffset, length, List.of());
      }
      truncated(
          tag,
          "the value would end "
              + (length - (in.remaining() - head))
              + " bytes after the end of the file");
      return;
    }
    if (levels.depth() > 0 && valueOffset + length > levels.end()) {
      defects.report(
          Code.LENGTH_PAST_END,
          tag,
          in.offset(),
          Severity.ERROR,
          "the value ends after the item or sequence that it is in");
    }
    if (vr == VR.SQ && !pixels) {
      in.position += head;
      open(table.add(tag, (byte) vr.ordinal(), (int) length, valueOffset, -1), false, length);
      explicit = asExplicit;
      return;
    }
    if (pixels) {
      if (vr == VR.SQ) {
        defects.report(
            Code.SQ_IN_PIXEL_DATA, tag, in.offset(), Severity.ERROR, "pixel data has the VR SQ");
      }
      table.add(tag, (byte) (vr == VR.SQ ? VR.UN : vr).ordinal(), (int) length, valueOffset, -1);
      pixelData = new PixelData(tag, vr, valueOffset, length, List.of());
      in.position += head;
      if (!toTheEnd) {
        stop();
      } else {
        pass(tag, length);
      }
      return;
    }
    if (length > limits.valueBytes()) {
      table.add(tag, (byte) vr.ordinal(), (int) length, valueOffset, -1);
      in.position += head;
      pass(tag, length);
      return;
    }
    int whole = head + (int) length;
    if (!in.ensure(whole)) {
      truncated(tag, "the file ends within the value");
      return;
    }
    int position = in.position + head;
    if (!in.keeps()) {
      position = keepShort(position, (int) length);
    }
    table.add(tag, (byte) vr.ordinal(), (int) length, valueOffset, position, bigEndian);
    if (tag == Tag.PixelRepresentation && length >= 2) {
      pixelRepresentation = u16(in.buffer, in.position + head);
    }
    in.position += whole;
    if (in.position > limits.headerBytes() && in.keeps()) {
      in.keepNoMore();
      defects.report(
          Code.VALUES_NOT_KEPT,
          tag,
          in.offset(),
          Severity.NOTE,
          "after " + limits.headerBytes() + " bytes only short values are kept in memory");
    }
  }

  private int keepShort(int position, int length) {
    if (levels.depth() > 0 || length > SHORT_VALUE || length > shortValuesLeft) {
      return -1;
    }
    shortValuesLeft -= length;
    return in.keep(position, length);
  }

  private void undefined(int tag, VR vr, int head, boolean asExplicit, boolean pixels)
      throws IOException {
    long valueOffset = in.offset() + head;
    if (pixels || asExplicit && (vr == VR.OB || vr == VR.OW)) {
      if (vr == VR.SQ) {
        defects.report(
            Code.SQ_IN_PIXEL_DATA, tag, in.offset(), Severity.ERROR, "pixel data has the VR SQ");
      }
      table.add(tag, (byte) (vr == VR.SQ ? VR.UN : vr).ordinal(), -1, valueOffset, -1);
      in.position += head;
      if (pixels && !toTheEnd) {
        pixelData = new PixelData(tag, vr, valueOffset, -1, List.of());
        stop();
      } else {
        fragments(tag, vr, valueOffset, pixels);
      }
      return;
    }
    if (asExplicit && !vr.mayHaveUndefinedLength()) {
      fail(
          Code.LENGTH_UNDEFINED,
          tag,
          in.offset(),
          "the length is undefined, which the VR does not allow");
      return;
    }
    in.position += head;
    open(table.add(tag, (byte) VR.SQ.ordinal(), -1, valueOffset, -1), false, Table.UNDEFINED);
    if (vr == VR.UN || asExplicit != explicit) {
      // PS3.5 §6.2.2: what a writer did not know is in Implicit VR Little Endian
      explicit = false;
      bigEndian = false;
    }
  }

  private void stop() {
    stopped = true;
    done = true;
  }

  private void pass(int tag, long length) throws IOException {
    if (in.skip(length) < length) {
      truncated(tag, "the file ends within the value");
    }
  }

  /** PS3.5 §A.4: items that are fragments, the offset table first, up to the delimiter. */
  private void fragments(int tag, VR vr, long valueOffset, boolean pixels) throws IOException {
    Fragments list = new Fragments();
    while (in.ensure(8)) {
      int item = tag(in.buffer, in.position);
      long length = u32(in.buffer, in.position + 4);
      if (item == Tag.SequenceDelimitationItem) {
        in.position += 8;
        if (length != 0) {
          delimiterLength(item);
        }
        if (pixels) {
          pixelData = new PixelData(tag, vr, valueOffset, -1, list);
        }
        return;
      }
      if (item != Tag.Item) {
        fail(
            Code.NO_DELIMITER,
            tag,
            in.offset(),
            "a fragment is followed by neither a fragment nor the delimiter");
        return;
      }
      if (length >= 0xFFFFFFF0L) {
        fail(
            Code.LENGTH_RESERVED, tag, in.offset(), "a fragment's length is undefined or reserved");
        return;
      }
      if (length > in.remaining() - 8) {
        truncated(tag, "a fragment would end after the end of the file");
        return;
      }
      if (table.count + ++fragments >= limits.elements()) {
        tooMany(tag);
        return;
      }
      in.position += 8;
      if (pixels) {
        list.add(in.offset(), length);
      }
      if (in.skip(length) < length) {
        truncated(tag, "the file ends within a fragment");
        return;
      }
    }
    if (in.available() > 0) {
      truncated(tag, "the file ends within the header of a fragment");
    } else {
      failAtEnd(Code.NO_DELIMITER, tag, "the file ends before the delimiter of the fragments");
    }
  }

  private void delimiter(int tag) {
    long length = u32(in.buffer, in.position + 4);
    long offset = in.offset();
    if (tag == Tag.Item) {
      if (levels.isItem()) {
        if (levels.depth() == 0) {
          fail(Code.STRAY_DELIMITER, tag, offset, "an item is outside of any sequence");
          return;
        }
        // an item of undefined length whose delimiter is missing
        defects.report(
            Code.NO_DELIMITER,
            table.tags[levels.rowAround()],
            offset,
            Severity.ERROR,
            "an item begins before the one before it has ended");
        close();
      }
      if (length != Table.UNDEFINED) {
        if (length >= 0xFFFFFFF0L) {
          fail(Code.LENGTH_RESERVED, tag, offset, "an item's length is a reserved one");
          return;
        }
        if (offset + 8 + length > levels.end()) {
          defects.report(
              Code.LENGTH_PAST_END,
              table.tags[levels.row()],
              offset,
              Severity.ERROR,
              "an item ends after the sequence that it is in");
        }
      }
      if (table.count + fragments >= limits.elements()) {
        fail(
            Code.TOO_MANY_ELEMENTS,
            tag,
            offset,
            "there are more than " + limits.elements() + " elements");
        return;
      }
      in.position += 8;
      open(table.add(tag, Table.ITEM, (int) length, in.offset(), -1), true, length);
      return;
    }
    in.position += 8;
    if (length != 0) {
      delimiterLength(tag);
    }
    boolean ofItem = tag == Tag.ItemDelimitationItem;
    if (!ofItem && tag != Tag.SequenceDelimitationItem) {
      defects.report(Code.TAG_INVALID, tag, offset, Severity.ERROR, "there is no such element");
      return;
    }
    if (!ofItem && levels.depth() > 1 && levels.isItem() && levels.end() == Levels.OPEN) {
      defects.report(
          Code.NO_DELIMITER,
          table.tags[levels.rowAround()],
          offset,
          Severity.ERROR,
          "a sequence ends before its last item has ended");
      close();
    }
    if (levels.depth() == 0 || levels.isItem() != ofItem || levels.end() != Levels.OPEN) {
      defects.report(
          Code.STRAY_DELIMITER,
          tag,
          offset,
          Severity.ERROR,
          "a delimiter delimits nothing that is open here");
      return;
    }
    close();
  }

  private void delimiterLength(int tag) {
    defects.report(
        Code.DELIMITER_LENGTH,
        tag,
        in.offset(),
        Severity.WARNING,
        "a delimiter's length is not zero");
  }

  private void notAnItem(int tag) throws IOException {
    int sequence = table.tags[levels.row()];
    long end = levels.end();
    if (end == Levels.OPEN) {
      fail(
          Code.NOT_AN_ITEM,
          tag,
          in.offset(),
          "in the sequence " + Tag.toString(sequence) + " there is something other than an item");
      return;
    }
    defects.report(
        Code.NOT_AN_ITEM,
        sequence,
        in.offset(),
        Severity.ERROR,
        "the sequence contains something other than items");
    pass(sequence, end - in.offset());
  }

  private void open(int row, boolean item, long length) {
    if (!item && levels.depth() / 2 >= limits.nesting()) {
      fail(
          Code.NESTING,
          table.tags[row],
          in.offset(),
          "sequences are nested more than " + limits.nesting() + " deep");
      return;
    }
    long end = length == Table.UNDEFINED ? Levels.OPEN : in.offset() + length;
    levels.enter(row, item, end, explicit, bigEndian);
    if (toTheEnd) {
      checks.entered();
    }
  }

  private void close() {
    table.next[levels.row()] = table.count;
    explicit = levels.explicitAround();
    bigEndian = levels.bigEndianAround();
    levels.leave();
  }

  /** The source has ended before another element's header. */
  private void ended() {
    int left = in.available();
    long offset = in.offset();
    done = true;
    if (left > 0) {
      boolean zeros = true;
      for (int i = 0; i < left; i++) {
        zeros &= in.buffer[in.position + i] == 0;
      }
      if (levels.depth() == 0 && (zeros || pixelData != null)) {
        trailing(offset);
      } else {
        truncated(levels.lastTag(), "the file ends within the header of an element");
      }
    } else if (levels.depth() > 0) {
      int tag = table.tags[levels.isItem() ? levels.rowAround() : levels.row()];
      if (levels.end() == Levels.OPEN) {
        failAtEnd(Code.NO_DELIMITER, tag, "the file ends before the sequence has ended");
      } else {
        truncated(tag, "the file ends within a sequence");
      }
    }
    while (levels.depth() > 0) {
      close();
    }
  }

  private void trailing(long offset) {
    defects.report(
        Code.TRAILING_DATA,
        0,
        offset,
        Severity.WARNING,
        "bytes follow the data set that are no element");
    done = true;
  }

  private void truncated(int tag, String sentence) {
    failAtEnd(Code.TRUNCATED, tag, sentence);
  }

  /** The end came too early; of a deflated data set, perhaps because it could not be unpacked. */
  private void failAtEnd(Code code, int tag, String sentence) {
    if (inflating != null && inflating.trouble() != null) {
      failDeflate(inflating.trouble());
    } else {
      fail(code, tag, in.offset(), sentence);
    }
  }

  private void tooMany(int tag) {
    fail(
        Code.TOO_MANY_ELEMENTS,
        tag,
        in.offset(),
        "there are more than " + limits.elements() + " elements");
  }

  private void fail(Code code, int tag, long offset, String sentence) {
    defects.fail(code, tag, offset, sentence);
    while (levels.depth() > 0) {
      close();
    }
  }

  /** The deflated data set could not be unpacked. */
  void failDeflate(Code trouble) {
    fail(
        trouble,
        0,
        raw.offset(),
        switch (trouble) {
          case TOO_LARGE_UNPACKED -> "the deflated data set unpacks to more than the limit";
          case TRUNCATED -> "the file ends within the deflated data set";
          default -> "the deflated data set cannot be unpacked";
        });
  }

  /**
   * Two bytes that are no VR (PS3.5 §7.1.2 says nothing of them): capitals are taken for a VR to
   * come, with a 32 bit length; anything else for an element that is in Implicit VR by mistake, or
   * one with a 16 bit length, whichever the length makes possible.
   */
  private void unknownVR(int tag, boolean meta) throws IOException {
    byte[] b = in.buffer;
    int at = in.position;
    if (pixelData != null && tag >>> 16 < 0x7FE0) {
      trailing(in.offset());
      in.skipRest();
      return;
    }
    defects.report(Code.VR_UNKNOWN, tag, in.offset(), Severity.ERROR, "there is no such VR");
    boolean capitals = b[at + 4] >= 'A' && b[at + 4] <= 'Z' && b[at + 5] >= 'A' && b[at + 5] <= 'Z';
    boolean zeros = b[at + 6] == 0 && b[at + 7] == 0;
    if (capitals && zeros && in.ensure(12) && u32(in.buffer, in.position + 8) <= in.remaining()) {
      value(tag, VR.UN, u32(in.buffer, in.position + 8), 12, true, meta);
    } else if (!capitals
        && u32(b, at + 4) <= in.remaining() - 8
        && (zeros || bigEndian || u16(b, at + 6) > in.remaining() - 8)) {
      value(tag, Dictionary.vr(tag), u32(b, at + 4), 8, false, meta);
    } else {
      value(tag, Dictionary.vr(tag), u16(b, at + 6), 8, true, meta);
    }
  }

  private int u16(byte[] b, int at) {
    return bigEndian ? Part10.u16be(b, at) : Part10.u16(b, at);
  }

  private long u32(byte[] b, int at) {
    return bigEndian
        ? (long) Part10.u16be(b, at) << 16 | Part10.u16be(b, at + 2)
        : Part10.u32(b, at);
  }

  private int tag(byte[] b, int at) {
    return u16(b, at) << 16 | u16(b, at + 2);
  }
}
