package io.howdah.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.howdah.dicom.DataSet;
import io.howdah.dicom.Defect;
import io.howdah.dicom.DicomJson;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Dictionary;
import io.howdah.dicom.Element;
import io.howdah.dicom.Header;
import io.howdah.dicom.PixelData;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah dump}: a file's header for people, or in the DICOM JSON model. */
@Command(
    name = "dump",
    header = "Prints the header of a DICOM file.",
    description = {
      "",
      "One line for each element: tag, VR, keyword, value. Text is decoded by the file's character sets; pixel data and other long values are only counted. What is wrong with the file's structure follows at the end. The output shows what the file says of its patient."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:printed",
      "1:the file cannot be read to its end, or is no DICOM file",
      "2:the command line makes no sense"
    })
final class DumpCommand implements Callable<Integer> {
  private static final int KEYWORD_WIDTH = 34;

  @Parameters(paramLabel = "FILE", description = "The file.")
  private Path file;

  @Option(
      names = "--json",
      description =
          "Print the data set in the DICOM JSON model (PS3.18 Annex F), without bulk data.")
  private boolean json;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "64",
      description = "Show this many characters of a value; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Spec private CommandSpec spec;

  private Terminal terminal;

  @Override
  public Integer call() throws IOException {
    if (length < 0) {
      throw new ParameterException(spec.commandLine(), "--length must not be negative");
    }
    Header header = new DicomReader().structure(file, null);
    terminal = Terminal.system();
    if (json) {
      json(header);
    } else {
      text(header);
    }
    return header.fatal().isPresent() ? Howdah.NOT_WELL : 0;
  }

  private void json(Header header) throws IOException {
    StringWriter text = new StringWriter();
    boolean whole;
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.useDefaultPrettyPrinter();
      whole = new DicomJson().write(header.dataSet(), generator);
    }
    terminal.line(text.toString());
    header.fatal().ifPresent(defect -> warn(sentence(defect)));
    if (!whole) {
      warn("the header is larger than the JSON may be; the rest is left out");
    }
  }

  private void warn(String sentence) {
    spec.commandLine().getErr().println("howdah: " + Terminal.safe(sentence));
  }

  private void text(Header header) {
    String syntax =
        header.transferSyntax() == null
            ? "not read"
            : Uids.name(header.transferSyntax().uid())
                + (header.transferSyntaxGuessed() ? ", guessed" : "");
    terminal.line(
        terminal.faint(
            "# "
                + Terminal.safe(file.toString())
                + ", "
                + header.length()
                + " bytes, "
                + syntax
                + (header.preamble() ? "" : ", no preamble")));
    elements(header.fileMeta().dataSet(), header, 0);
    elements(header.dataSet(), header, 0);
    for (Defect defect : header.defects()) {
      String line = "# " + defect.severity() + " " + Terminal.safe(sentence(defect));
      terminal.line(
          defect.severity() == Defect.Severity.NOTE
              ? terminal.faint(line)
              : defect.severity() == Defect.Severity.WARNING
                  ? terminal.doubtful(line)
                  : terminal.bad(line));
    }
  }

  private static String sentence(Defect defect) {
    return defect.code()
        + (defect.tag() == 0 ? "" : " " + Tag.toString(defect.tag()))
        + ": "
        + defect.sentence()
        + ", at byte "
        + defect.offset();
  }

  /** As deep as the reader goes, which has a limit. */
  private void elements(DataSet dataSet, Header header, int depth) {
    for (Element element : dataSet.elements()) {
      String keyword = keyword(dataSet, element.tag());
      terminal.line(
          "  ".repeat(depth)
              + terminal.bold(Tag.toString(element.tag()))
              + " "
              + element.vr()
              + " "
              + keyword
              + " ".repeat(Math.max(1, KEYWORD_WIDTH - 2 * depth - keyword.length()))
              + value(element, header, depth));
      int number = 1;
      for (DataSet item : element.items()) {
        terminal.line("  ".repeat(depth) + "  " + terminal.faint("item " + number++));
        elements(item, header, depth + 2);
      }
    }
  }

  private static String keyword(DataSet dataSet, int tag) {
    if ((tag & 0xFFFF) == 0 && !Dictionary.knows(tag)) {
      return "Group Length"; // PS3.5 §7.2: of every group, also a private one
    }
    if (Tag.isPrivateCreator(tag)) {
      return "PrivateCreator";
    }
    if (Tag.isPrivate(tag)) {
      String creator = dataSet.string(Tag.creatorOf(tag));
      return creator == null ? "private" : "private of " + Terminal.safe(creator);
    }
    String keyword = Dictionary.keyword(tag);
    return keyword == null ? "unknown" : keyword;
  }

  private String value(Element element, Header header, int depth) {
    if (element.isSequence()) {
      return terminal.faint(Terminal.count(element.items().size(), "item", "items"));
    }
    PixelData pixels = header.pixelData();
    if (depth == 0 && pixels != null && pixels.tag() == element.tag() && pixels.isEncapsulated()) {
      return terminal.faint(
          Terminal.count(pixels.fragments().size(), "fragment", "fragments")
              + ", the first an offset table");
    }
    if (element.isEmpty()) {
      return terminal.faint("(empty)");
    }
    if (!element.hasValue()) {
      return terminal.faint(
          element.length() < 0 ? "of undefined length" : element.length() + " bytes");
    }
    List<String> values = element.strings();
    if (values.isEmpty()) {
      return terminal.faint(hex(element.bytes()));
    }
    String text = Terminal.safe(String.join("\\", values));
    String shown = cut(text);
    String name = element.vr() == VR.UI ? Uids.name(values.get(0)) : null;
    return "["
        + shown
        + "]"
        + (name == null || name.equals(values.get(0)) ? "" : terminal.faint(" " + name));
  }

  private String cut(String text) {
    return length == 0 || text.codePointCount(0, text.length()) <= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, length)) + terminal.glyph("…", "...");
  }

  private String hex(byte[] bytes) {
    int most = length == 0 ? bytes.length : Math.min(bytes.length, Math.max(1, length / 3));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < most; i++) {
      text.append(String.format("%02x ", bytes[i] & 0xFF));
    }
    return text.toString().stripTrailing()
        + (most < bytes.length
            ? " " + terminal.glyph("…", "...") + " " + bytes.length + " bytes"
            : "");
  }
}
