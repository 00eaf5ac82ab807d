import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes {@code elements.txt} and {@code uids.txt} of {@code io.howdah.dicom} from the tables of one
 * edition of PS3.6, one line for each of their rows in their order. It refuses what it does not
 * understand, and writes nothing then.
 */
public final class MakeDictionary {
  private static final String USAGE =
      "usage: java MakeDictionary.java EDITION ELEMENTS.csv UIDS.csv FOLDER";

  private MakeDictionary() {}

  /** What is wrong with a table, with file and row. */
  private static final class Unclear extends Exception {
    private static final long serialVersionUID = 1;

    Unclear(String sentence) {
      super(sentence);
    }
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 4 || !arguments[0].matches("\\d{4}[a-e]")) {
      System.err.println(USAGE + ", an edition such as 2024d");
      System.exit(2);
    }
    String edition = arguments[0];
    Path folder = Path.of(arguments[3]);
    try {
      String elements =
          table(
              "# DICOM PS3.6 Data Dictionary and PS3.7 command fields, edition "
                  + edition
                  + ": tag|keyword|VR|VM|R when retired|name",
              Path.of(arguments[1]),
              List.of("tag", "keyword", "vr", "vm", "retired", "name"),
              "[0-9A-Fx]{8}");
      String uids =
          table(
              "# DICOM PS3.6 Registry of UIDs, edition "
                  + edition
                  + ": uid|keyword|type|R when retired|name",
              Path.of(arguments[2]),
              List.of("uid", "keyword", "type", "retired", "name"),
              "[0-9]+(\\.[0-9]+)+");
      Files.writeString(folder.resolve("elements.txt"), elements, StandardCharsets.US_ASCII);
      Files.writeString(folder.resolve("uids.txt"), uids, StandardCharsets.US_ASCII);
    } catch (Unclear e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static String table(String title, Path csv, List<String> columns, String key)
      throws IOException, Unclear {
    List<List<String>> rows = rows(csv);
    if (rows.isEmpty() || !rows.get(0).equals(columns)) {
      throw new Unclear(csv + ": the first line must be " + String.join(",", columns));
    }
    StringBuilder text = new StringBuilder(title).append('\n');
    Set<String> seen = new HashSet<>();
    for (int number = 1; number < rows.size(); number++) {
      List<String> row = rows.get(number);
      String where = csv + ", row " + (number + 1) + ": ";
      if (row.size() != columns.size()) {
        throw new Unclear(where + row.size() + " fields instead of " + columns.size());
      }
      if (!row.get(0).matches(key) || !seen.add(row.get(0))) {
        throw new Unclear(where + row.get(0) + " is no " + columns.get(0) + ", or comes twice");
      }
      List<String> line = new ArrayList<>();
      for (int column = 0; column < columns.size(); column++) {
        line.add(field(columns.get(column), row.get(column), where));
      }
      text.append(String.join("|", line)).append('\n');
    }
    return text.toString();
  }

  private static String field(String column, String value, String where) throws Unclear {
    if (!value.matches("[ -{}~]*")) {
      throw new Unclear(where + column + " has a character that the table cannot hold: " + value);
    }
    return switch (column) {
      case "vr" -> vr(value, where);
      case "retired" ->
          switch (value) {
            case "" -> "";
            case "RET" -> "R";
            default -> throw new Unclear(where + "retired is RET or empty, not " + value);
          };
      default -> value;
    };
  }

  /** Of several VRs a list; of items and delimiters, which have none, nothing. */
  private static String vr(String value, String where) throws Unclear {
    if (value.equals("NONE")) {
      return "";
    }
    String list = value.replace(" or ", "/");
    if (!list.matches("[A-Z]{2}(/[A-Z]{2})*")) {
      throw new Unclear(where + value + " is no VR");
    }
    return list;
  }

  /** RFC 4180. */
  private static List<List<String>> rows(Path csv) throws IOException, Unclear {
    String read = Files.readString(csv, StandardCharsets.UTF_8).replace("\r\n", "\n");
    String text = read.isEmpty() || read.endsWith("\n") ? read : read + "\n";
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && quoted && text.startsWith("\"\"", i)) {
        field.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        row.add(field.toString());
        field.setLength(0);
        if (c == '\n') {
          rows.add(row);
          row = new ArrayList<>();
        }
      } else {
        field.append(c);
      }
    }
    if (quoted) {
      throw new Unclear(csv + ": a quotation mark is not closed");
    }
    return rows;
  }
}
