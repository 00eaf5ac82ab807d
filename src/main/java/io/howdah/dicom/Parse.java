package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One reading of one file, from its first byte on: iterative, with every length checked against
 * what is left before anything is reserved for it.
 */
final class Parse {
  private static final long OPEN = Long.MAX_VALUE;
  private static final int META_ROWS = 16;
  private static final int ROWS = 160;

  /** Of values after {@link Limits#headerBytes()}, those up to this length are kept. */
  private static final int SHORT_VALUE = 1 << 12;

  private final Limits limits;
  private final Window raw;
  private final boolean toTheEnd;

  /** So many of each code so far: a thousand of one must not hide the first of another. */
  private int[] reported;

  private final List<Defect> defects = new ArrayList<>(4);
  private boolean fatal;

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
  private boolean disordered;
  private int comparisonsLeft = 10_000_000;

  /** Open sequences and items, outermost first; 0 is the data set itself. */
  private int depth;

  private int[] rows = new int[8];
  private long[] ends = new long[8];
  private boolean[] isItem = new boolean[8];
  private boolean[] explicitBefore = new boolean[8];
  private boolean[] bigEndianBefore = new boolean[8];
  private int[] lastTags = new int[8];

  /** Which private blocks of {@link #privateGroups} are reserved, 256 bits for each depth. */
  private long[] reserved = new long[0];

  private int[] privateGroups = new int[0];

  Parse(Limits limits, Window raw, boolean toTheEnd) {
    this.limits = limits;
    this.raw = raw;
    this.in = raw;
    this.toTheEnd = toTheEnd;
  }

  Header file() throws IOException {
    boolean preamble = false;
    FileMeta meta = FileMeta.NONE;
    TransferSyntax syntax = null;
    boolean guessed = false;
    long dataSetOffset = 0;
    DataSet dataSet = DataSet.EMPTY;

    if (begins()) {
      preamble = Part10.hasPreamble(raw.buffer, raw.limit);
      if (preamble) {
        preamble();
        raw.position = 132;
      } else {
        report(Code.NO_PREAMBLE, 0, 0, Severity.WARNING, "there is no preamble with DICM");
      }
      meta = meta();
      dataSetOffset = raw.offset();
      if (!fatal) {
        TransferSyntax named = named(meta);
        syntax = found(named, meta);
        guessed = syntax != null && syntax != named;
      }
      if (syntax != null) {
        dataSet = syntax.deflated() ? deflated(syntax) : plain(syntax, ROWS);
      }
    }
    boolean complete = syntax != null && !fatal && !stopped;
    long length = raw.end;
    if (toTheEnd) {
      raw.skipRest();
      length = raw.offset();
    }
    return new Header(
        preamble,
        meta,
        syntax,
        guessed,
        dataSetOffset,
        dataSet,
        pixelData,
        length == Long.MAX_VALUE ? -1 : length,
        complete,
        defects);
  }

  /** A data set alone. */
  DataSet bare(TransferSyntax syntax) throws IOException {
    DataSet dataSet = syntax.deflated() ? deflated(syntax) : plain(syntax, 32);
    if (fatal) {
      throw new DicomException(defects.get(defects.size() - 1));
    }
    return dataSet;
  }

  private boolean begins() throws IOException {
    raw.ensure(Part10.HEAD);
    if (raw.limit == 0) {
      fail(Code.EMPTY, 0, 0, "the file is empty");
      return false;
    }
    if (!Part10.looksLikeDicom(raw.buffer, raw.limit)) {
      fail(
          Code.NOT_DICOM,
          0,
          0,
          "neither DICM after 128 bytes nor a data element at the beginning: not a DICOM file");
      return false;
    }
    return true;
  }

  /** PS3.10 §7.1: the preamble may be another format's beginning, and so make two files of one. */
  private void preamble() {
    byte[] head = raw.buffer;
    int i = 0;
    while (i < 128 && head[i] == 0) {
      i++;
    }
    if (i == 128) {
      return;
    }
    int first = 0;
    while (first < 128 && (head[first] == ' ' || head[first] >= '\t' && head[first] <= '\r')) {
      first++;
    }
    int a = head[0] & 0xFF;
    int b = head[1] & 0xFF;
    int c = head[2] & 0xFF;
    int d = head[3] & 0xFF;
    boolean tiff =
        a == 'I' && b == 'I' && (c == '*' || c == '+') && d == 0
            || a == 'M' && b == 'M' && c == 0 && (d == '*' || d == '+');
    int magic = a << 24 | b << 16 | c << 8 | d;
    boolean other =
        a == 'M' && b == 'Z'
            || a == 0x7F && b == 'E' && c == 'L' && d == 'F'
            || a == '#' && b == '!'
            || a == '%' && (b == 'P' || b == '!')
            || a == 'P' && b == 'K' && c <= 8
            || magic == 0xCAFEBABE
            || magic == 0xFEEDFACE
            || magic == 0xFEEDFACF
            || magic == 0xCEFAEDFE
            || magic == 0xCFFAEDFE
            || magic == 0x0061736D
            || first < 128 && (head[first] == '{' || head[first] == '[' || head[first] == '<');
    if (other) {
      report(
          Code.EXECUTABLE_PREAMBLE,
          0,
          0,
          Severity.ERROR,
          "the preamble begins a program, script or document: the file would be two things at once");
    } else if (!tiff) {
      report(
          Code.PREAMBLE_NOT_ZERO,
          0,
          i,
          Severity.NOTE,
          "the preamble is neither zeros nor the beginning of a TIFF file");
    }
  }

  private FileMeta meta() throws IOException {
    if (!in.ensure(8) || u16(in.buffer, in.position) != 0x0002) {
      report(
          Code.NO_FILE_META, 0, in.offset(), Severity.ERROR, "there is no file meta information");
      return FileMeta.NONE;
    }
    long start = in.offset();
    explicit = VR.of(in.buffer[in.position + 4], in.buffer[in.position + 5]) != null;
    if (!explicit) {
      report(
          Code.META_IMPLICIT,
          0,
          start,
          Severity.ERROR,
          "the file meta information is not in Explicit VR Little Endian");
    }
    table = new Table(false, META_ROWS);
    elements(true);
    table.bytes = in.buffer;
    DataSet elements = new DataSet(table, 0, table.count, null);
    if (!fatal) {
      Element groupLength = elements.element(Tag.FileMetaInformationGroupLength);
      if (groupLength == null) {
        report(
            Code.META_GROUP_LENGTH,
            Tag.FileMetaInformationGroupLength,
            start,
            Severity.WARNING,
            "the file meta information has no group length");
      } else if (!groupLength.hasValue()
          || groupLength.length() != 4
          || groupLength.offset() + 4 + (table.i32(table.positions[0], false) & 0xFFFFFFFFL)
              != in.offset()) {
        report(
            Code.META_GROUP_LENGTH,
            Tag.FileMetaInformationGroupLength,
            groupLength.offset(),
            Severity.WARNING,
            "the group length of the file meta information is not its length, which is "
                + (in.offset() - groupLength.offset() - 4)
                + " bytes");
      }
    }
    return new FileMeta(true, elements);
  }

  private TransferSyntax named(FileMeta meta) {
    String uid = meta.transferSyntaxUID();
    return uid == null ? null : TransferSyntax.of(uid);
  }

  /** The transfer syntax to read with: the named one, or what the data set looks like. */
  private TransferSyntax found(TransferSyntax named, FileMeta meta) throws IOException {
    in.ensure(256);
    byte[] head = in.buffer;
    int at = in.position;
    if (in.available() < 8 && named != null) {
      return named;
    }
    if (named != null && !named.deflated()) {
      bigEndian = named.bigEndian();
      int tag = tag(head, at);
      boolean looksExplicit = VR.of(head[at + 4], head[at + 5]) != null;
      if (looksExplicit == named.explicitVR()
          && (Dictionary.knows(tag) || Tag.isPrivate(tag) || (tag & 0xFFFF) == 0)) {
        return named;
      }
    }
    TransferSyntax guess = Part10.guess(head, at, in.limit);
    if (named != null) {
      if (guess == null
          || !named.deflated()
              && guess.explicitVR() == named.explicitVR()
              && guess.bigEndian() == named.bigEndian()) {
        return named;
      }
      report(
          Code.TRANSFER_SYNTAX_MISMATCH,
          Tag.TransferSyntaxUID,
          in.offset(),
          Severity.ERROR,
          "the data set is not in the transfer syntax that the file names");
      return guess;
    }
    if (meta.present()) {
      boolean absent = meta.transferSyntaxUID() == null;
      Code code = absent ? Code.NO_TRANSFER_SYNTAX : Code.UNKNOWN_TRANSFER_SYNTAX;
      String sentence =
          absent
              ? "the file names no transfer syntax"
              : "the file names a transfer syntax that the registry does not know";
      if (guess == null && in.available() > 0) {
        fail(code, Tag.TransferSyntaxUID, in.offset(), sentence);
        return null;
      }
      report(code, Tag.TransferSyntaxUID, in.offset(), Severity.ERROR, sentence);
    }
    return guess == null ? TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN : guess;
  }

  private DataSet plain(TransferSyntax syntax, int rowsExpected) throws IOException {
    explicit = syntax.explicitVR();
    bigEndian = syntax.bigEndian();
    table = new Table(bigEndian, rowsExpected);
    elements(false);
    checkEncapsulation(syntax);
    table.bytes = in.buffer;
    return new DataSet(table, 0, table.count, null);
  }

  private DataSet deflated(TransferSyntax syntax) throws IOException {
    if (table != null) {
      // the buffer goes on as the inflater's input
      table.bytes = Arrays.copyOf(raw.buffer, raw.position);
    }
    long start = raw.offset();
    try (Source.Inflating unpacking = new Source.Inflating(raw, limits)) {
      inflating = unpacking;
      in = new Window(inflating, start, Long.MAX_VALUE, 1 << 13);
      DataSet dataSet = plain(syntax, ROWS);
      if (toTheEnd && !fatal) {
        in.skipRest();
      }
      Code trouble = inflating.trouble();
      if (trouble != null && !fatal) {
        failDeflate(trouble);
      } else if (toTheEnd && inflating.finished() && inflating.left() + raw.available() > 1) {
        report(
            Code.TRAILING_DATA,
            0,
            raw.offset() - inflating.left(),
            Severity.WARNING,
            "bytes follow the deflated data set");
      }
      return dataSet;
    } finally {
      inflating = null;
      in = raw;
    }
  }

  private void failDeflate(Code trouble) {
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

  private void checkEncapsulation(TransferSyntax syntax) {
    if (pixelData == null || !toTheEnd) {
      return;
    }
    if (pixelData.isEncapsulated() && !syntax.encapsulated()) {
      report(
          Code.PIXEL_DATA_ENCAPSULATED,
          pixelData.tag(),
          pixelData.offset(),
          Severity.ERROR,
          "pixel data is encapsulated, which the transfer syntax does not allow");
    } else if (!pixelData.isEncapsulated() && syntax.encapsulated()) {
      report(
          Code.PIXEL_DATA_NOT_ENCAPSULATED,
          pixelData.tag(),
          pixelData.offset(),
          Severity.WARNING,
          "pixel data is not encapsulated, as the transfer syntax says it is");
    }
  }

  /** Reads elements until the end, the pixel data if that is enough, or the end of group 0002. */
  private void elements(boolean meta) throws IOException {
    depth = 0;
    ends[0] = OPEN;
    isItem[0] = true;
    lastTags[0] = 0;
    done = false;
    while (!done && !fatal) {
      while (depth > 0 && in.offset() >= ends[depth]) {
        if (in.offset() > ends[depth]) {
          report(
              Code.LENGTH_PAST_END,
              table.tags[rows[depth]],
              ends[depth],
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
      if (meta && depth == 0 && tag >>> 16 != 0x0002) {
        return;
      }
      if (tag >>> 16 == 0xFFFE) {
        delimiter(tag);
      } else if (!isItem[depth]) {
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
      fail(
          Code.TOO_MANY_ELEMENTS,
          tag,
          in.offset(),
          "there are more than " + limits.elements() + " elements");
      return;
    }
    if (toTheEnd) {
      check(tag, vr, asExplicit, meta);
    }
    lastTags[depth] = tag;
    boolean pixels = depth == 0 && Tag.isPixelData(tag);
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
      report(Code.LENGTH_ODD, tag, in.offset(), Severity.WARNING, "the length is odd");
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
    if (depth > 0 && valueOffset + length > ends[depth]) {
      report(
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
        report(Code.SQ_IN_PIXEL_DATA, tag, in.offset(), Severity.ERROR, "pixel data has the VR SQ");
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
      report(
          Code.VALUES_NOT_KEPT,
          tag,
          in.offset(),
          Severity.NOTE,
          "after " + limits.headerBytes() + " bytes only short values are kept in memory");
    }
  }

  private int keepShort(int position, int length) {
    if (depth > 0 || length > SHORT_VALUE || length > shortValuesLeft) {
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
        report(Code.SQ_IN_PIXEL_DATA, tag, in.offset(), Severity.ERROR, "pixel data has the VR SQ");
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
        fail(
            Code.TOO_MANY_ELEMENTS,
            tag,
            in.offset(),
            "there are more than " + limits.elements() + " elements");
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
      if (isItem[depth]) {
        if (depth == 0) {
          fail(Code.STRAY_DELIMITER, tag, offset, "an item is outside of any sequence");
          return;
        }
        // an item of undefined length whose delimiter is missing
        report(
            Code.NO_DELIMITER,
            table.tags[rows[depth - 1]],
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
        if (offset + 8 + length > ends[depth]) {
          report(
              Code.LENGTH_PAST_END,
              table.tags[rows[depth]],
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
      report(Code.TAG_INVALID, tag, offset, Severity.ERROR, "there is no such element");
      return;
    }
    if (!ofItem && depth > 1 && isItem[depth] && ends[depth] == OPEN) {
      report(
          Code.NO_DELIMITER,
          table.tags[rows[depth - 1]],
          offset,
          Severity.ERROR,
          "a sequence ends before its last item has ended");
      close();
    }
    if (depth == 0 || isItem[depth] != ofItem || ends[depth] != OPEN) {
      report(
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
    report(
        Code.DELIMITER_LENGTH,
        tag,
        in.offset(),
        Severity.WARNING,
        "a delimiter's length is not zero");
  }

  private void notAnItem(int tag) throws IOException {
    int sequence = table.tags[rows[depth]];
    long end = ends[depth];
    if (end == OPEN) {
      fail(
          Code.NOT_AN_ITEM,
          tag,
          in.offset(),
          "in the sequence " + Tag.toString(sequence) + " there is something other than an item");
      return;
    }
    report(
        Code.NOT_AN_ITEM,
        sequence,
        in.offset(),
        Severity.ERROR,
        "the sequence contains something other than items");
    pass(sequence, end - in.offset());
  }

  private void open(int row, boolean item, long length) {
    if (!item && depth / 2 >= limits.nesting()) {
      fail(
          Code.NESTING,
          table.tags[row],
          in.offset(),
          "sequences are nested more than " + limits.nesting() + " deep");
      return;
    }
    depth++;
    if (depth == rows.length) {
      int size = depth * 2;
      rows = Arrays.copyOf(rows, size);
      ends = Arrays.copyOf(ends, size);
      isItem = Arrays.copyOf(isItem, size);
      explicitBefore = Arrays.copyOf(explicitBefore, size);
      bigEndianBefore = Arrays.copyOf(bigEndianBefore, size);
      lastTags = Arrays.copyOf(lastTags, size);
    }
    rows[depth] = row;
    ends[depth] = length == Table.UNDEFINED ? OPEN : in.offset() + length;
    isItem[depth] = item;
    explicitBefore[depth] = explicit;
    bigEndianBefore[depth] = bigEndian;
    lastTags[depth] = 0;
    if (toTheEnd && depth < privateGroups.length) {
      privateGroups[depth] = 0;
    }
  }

  private void close() {
    table.next[rows[depth]] = table.count;
    explicit = explicitBefore[depth];
    bigEndian = bigEndianBefore[depth];
    depth--;
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
      if (depth == 0 && (zeros || pixelData != null)) {
        trailing(offset);
      } else {
        truncated(lastTags[depth], "the file ends within the header of an element");
      }
    } else if (depth > 0) {
      int tag = table.tags[rows[isItem[depth] ? depth - 1 : depth]];
      if (ends[depth] == OPEN) {
        failAtEnd(Code.NO_DELIMITER, tag, "the file ends before the sequence has ended");
      } else {
        truncated(tag, "the file ends within a sequence");
      }
    }
    while (depth > 0) {
      close();
    }
  }

  private void trailing(long offset) {
    report(
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
    report(Code.VR_UNKNOWN, tag, in.offset(), Severity.ERROR, "there is no such VR");
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

  /** What is not needed to read on, but makes the file a broken one. */
  private void check(int tag, VR vr, boolean asExplicit, boolean meta) {
    long offset = in.offset();
    int last = lastTags[depth];
    boolean unordered = last != 0 && Integer.compareUnsigned(tag, last) <= 0;
    if (unordered) {
      disordered = true;
    }
    if (unordered && tag == last || disordered && isTwice(tag)) {
      report(Code.DUPLICATE_TAG, tag, offset, Severity.ERROR, "the element is there twice");
    } else if (unordered) {
      report(
          Code.TAG_ORDER, tag, offset, Severity.WARNING, "the elements are not in ascending order");
    }
    int group = tag >>> 16;
    if (group <= 8 || group == 0xFFFF) {
      checkGroup(tag, group, offset, meta);
    }
    if ((group & 1) != 0) {
      checkPrivate(tag, group, offset);
    }
    if (asExplicit && !Dictionary.allows(tag, vr)) {
      report(
          Code.VR_MISMATCH,
          tag,
          offset,
          Severity.WARNING,
          "the VR " + vr + " is not the one of the data dictionary");
    }
  }

  /** Whether this level has the tag already; looked for only in files that are not in order. */
  private boolean isTwice(int tag) {
    int row = depth == 0 ? 0 : rows[depth] + 1;
    while (row < table.count && comparisonsLeft-- > 0) {
      if (table.tags[row] == tag) {
        return true;
      }
      row = table.next[row];
    }
    return false;
  }

  private void checkGroup(int tag, int group, long offset, boolean meta) {
    if (group == 0) {
      report(
          Code.GROUP_0000,
          tag,
          offset,
          Severity.ERROR,
          "an element of a command is in the data set");
    } else if (group == 2 && !meta) {
      report(
          Code.GROUP_0002_IN_DATA_SET,
          tag,
          offset,
          Severity.ERROR,
          "an element of the file meta information is in the data set");
    } else if (group < 8 && (group & 1) != 0 || group == 0xFFFF) {
      report(Code.TAG_INVALID, tag, offset, Severity.ERROR, "no element may have this group");
    }
  }

  /** PS3.5 §7.8.1: a private element's block must have been reserved in the same data set. */
  private void checkPrivate(int tag, int group, long offset) {
    if (depth >= privateGroups.length) {
      privateGroups = Arrays.copyOf(privateGroups, depth + 8);
      reserved = Arrays.copyOf(reserved, privateGroups.length * 4);
    }
    if (privateGroups[depth] != group) {
      privateGroups[depth] = group;
      Arrays.fill(reserved, depth * 4, depth * 4 + 4, 0);
    }
    if (Tag.isPrivateCreator(tag)) {
      reserved[depth * 4 + (tag >>> 6 & 3)] |= 1L << tag;
      return;
    }
    int block = tag >>> 8 & 0xFF;
    if ((tag & 0xFFFF) != 0 && (reserved[depth * 4 + (block >>> 6)] >>> block & 1) == 0) {
      report(
          Code.PRIVATE_WITHOUT_CREATOR,
          tag,
          offset,
          Severity.WARNING,
          "no private creator has reserved this element");
    }
  }

  private void report(Code code, int tag, long offset, Severity severity, String sentence) {
    if (reported == null) {
      reported = new int[Code.values().length];
    }
    if (reported[code.ordinal()]++ < limits.defects()) {
      defects.add(new Defect(code, tag, offset, severity, sentence));
    }
  }

  private void fail(Code code, int tag, long offset, String sentence) {
    if (!fatal) {
      fatal = true;
      defects.add(new Defect(code, tag, offset, Severity.FATAL, sentence));
      while (depth > 0) {
        close();
      }
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
