package io.howdah.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text in aligned columns; a column whose heading begins with {@code >} is aligned right.
 */
final class Table {
  private static final String GAP = "  ";
  private final List<String> headings = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... headings) {
    for (String heading : headings) {
      boolean number = heading.startsWith(">");
      right.add(number);
      this.headings.add(number ? heading.substring(1) : heading);
    }
  }

  /** Adds a row; missing cells are empty. */
  Table row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    while (row.size() < headings.size()) {
      row.add("");
    }
    rows.add(row);
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The lines, the headings first, indented by two. */
  List<String> lines(Terminal terminal) {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              headings.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    List<String> lines = new ArrayList<>();
    lines.add(terminal.bold(line(headings, widths)));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String pad = " ".repeat(widths[i] - cells.get(i).length());
      line.append(GAP).append(right.get(i) ? pad + cells.get(i) : cells.get(i) + pad);
    }
    return line.toString().stripTrailing();
  }
}
