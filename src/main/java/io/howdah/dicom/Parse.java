package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import java.io.IOException;
import java.util.Arrays;

/** One reading of one file: its preamble, its file meta information, and its data set. */
final class Parse {
  private static final int META_ROWS = 16;
  private static final int ROWS = 160;

  private final Limits limits;
  private final Window raw;
  private final boolean toTheEnd;
  private final Defects defects;
  private final Elements elements;

  /** What is being read now: the file, or the deflated data set in it. */
  private Window in;

  private Table table;

  Parse(Limits limits, Window raw, boolean toTheEnd) {
    this.limits = limits;
    this.raw = raw;
    this.in = raw;
    this.toTheEnd = toTheEnd;
    this.defects = new Defects(limits.defects());
    this.elements = new Elements(limits, raw, toTheEnd, defects);
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
        Preamble.check(raw.buffer, defects);
        raw.position = 132;
      } else {
        defects.report(Code.NO_PREAMBLE, 0, 0, Severity.WARNING, "there is no preamble with DICM");
      }
      meta = meta();
      dataSetOffset = raw.offset();
      if (!defects.isFatal()) {
        TransferSyntax named = named(meta);
        syntax = found(named, meta);
        guessed = syntax != null && syntax != named;
      }
      if (syntax != null) {
        dataSet = syntax.deflated() ? deflated(syntax) : plain(syntax, ROWS);
      }
    }
    boolean complete = syntax != null && !defects.isFatal() && !elements.stopped();
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
        elements.pixelData(),
        length == Long.MAX_VALUE ? -1 : length,
        complete,
        defects.list());
  }

  /** A data set alone. */
  DataSet bare(TransferSyntax syntax) throws IOException {
    DataSet dataSet = syntax.deflated() ? deflated(syntax) : plain(syntax, 32);
    if (defects.isFatal()) {
      throw new DicomException(defects.list().get(defects.list().size() - 1));
    }
    return dataSet;
  }

  private boolean begins() throws IOException {
    raw.ensure(Part10.HEAD);
    if (raw.limit == 0) {
      defects.fail(Code.EMPTY, 0, 0, "the file is empty");
      return false;
    }
    if (!Part10.looksLikeDicom(raw.buffer, raw.limit)) {
      defects.fail(
          Code.NOT_DICOM,
          0,
          0,
          "neither DICM after 128 bytes nor a data element at the beginning: not a DICOM file");
      return false;
    }
    return true;
  }

  private FileMeta meta() throws IOException {
    if (!in.ensure(8) || Part10.u16(in.buffer, in.position) != 0x0002) {
      defects.report(
          Code.NO_FILE_META, 0, in.offset(), Severity.ERROR, "there is no file meta information");
      return FileMeta.NONE;
    }
    long start = in.offset();
    boolean explicit = VR.of(in.buffer[in.position + 4], in.buffer[in.position + 5]) != null;
    if (!explicit) {
      defects.report(
          Code.META_IMPLICIT,
          0,
          start,
          Severity.ERROR,
          "the file meta information is not in Explicit VR Little Endian");
    }
    table = elements.meta(explicit, META_ROWS);
    table.bytes = in.buffer;
    DataSet meta = new DataSet(table, 0, table.count, null);
    if (!defects.isFatal()) {
      Element groupLength = meta.element(Tag.FileMetaInformationGroupLength);
      if (groupLength == null) {
        defects.report(
            Code.META_GROUP_LENGTH,
            Tag.FileMetaInformationGroupLength,
            start,
            Severity.WARNING,
            "the file meta information has no group length");
      } else if (!groupLength.hasValue()
          || groupLength.length() != 4
          || groupLength.offset() + 4 + (table.i32(table.positions[0], false) & 0xFFFFFFFFL)
              != in.offset()) {
        defects.report(
            Code.META_GROUP_LENGTH,
            Tag.FileMetaInformationGroupLength,
            groupLength.offset(),
            Severity.WARNING,
            "the group length of the file meta information is not its length, which is "
                + (in.offset() - groupLength.offset() - 4)
                + " bytes");
      }
    }
    return new FileMeta(true, meta);
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
      int tag =
          named.bigEndian()
              ? Part10.u16be(head, at) << 16 | Part10.u16be(head, at + 2)
              : Part10.u16(head, at) << 16 | Part10.u16(head, at + 2);
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
      defects.report(
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
        defects.fail(code, Tag.TransferSyntaxUID, in.offset(), sentence);
        return null;
      }
      defects.report(code, Tag.TransferSyntaxUID, in.offset(), Severity.ERROR, sentence);
    }
    return guess == null ? TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN : guess;
  }

  private DataSet plain(TransferSyntax syntax, int rowsExpected) throws IOException {
    table = elements.dataSet(syntax, rowsExpected);
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
      in = new Window(unpacking, start, Long.MAX_VALUE, 1 << 13);
      elements.from(in, unpacking);
      DataSet dataSet = plain(syntax, ROWS);
      if (toTheEnd && !defects.isFatal()) {
        in.skipRest();
      }
      Code trouble = unpacking.trouble();
      if (trouble != null && !defects.isFatal()) {
        elements.failDeflate(trouble);
      } else if (toTheEnd && unpacking.finished() && unpacking.left() + raw.available() > 1) {
        defects.report(
            Code.TRAILING_DATA,
            0,
            raw.offset() - unpacking.left(),
            Severity.WARNING,
            "bytes follow the deflated data set");
      }
      return dataSet;
    } finally {
      in = raw;
      elements.from(raw, null);
    }
  }

  private void checkEncapsulation(TransferSyntax syntax) {
    PixelData pixelData = elements.pixelData();
    if (pixelData == null || !toTheEnd) {
      return;
    }
    if (pixelData.isEncapsulated() && !syntax.encapsulated()) {
      defects.report(
          Code.PIXEL_DATA_ENCAPSULATED,
          pixelData.tag(),
          pixelData.offset(),
          Severity.ERROR,
          "pixel data is encapsulated, which the transfer syntax does not allow");
    } else if (!pixelData.isEncapsulated() && syntax.encapsulated()) {
      defects.report(
          Code.PIXEL_DATA_NOT_ENCAPSULATED,
          pixelData.tag(),
          pixelData.offset(),
          Severity.WARNING,
          "pixel data is not encapsulated, as the transfer syntax says it is");
    }
  }
}
