package io.howdah.dicom;

import java.util.ArrayList;
import java.util.List;

/**
 * Data elements in the order of the file: a data set, a sequence's item or the file meta
 * information.
 */
public final class DataSet {
  static final DataSet EMPTY = new DataSet(new Table(false, 1), 0, 0, null);

  private final Table table;
  private final int from;
  private final int to;
  private final DataSet parent;
  private volatile CharacterSets charset;

  DataSet(Table table, int from, int to, DataSet parent) {
    this.table = table;
    this.from = from;
    this.to = to;
    this.parent = parent;
  }

  /** The element with this tag (the first, if a broken file has two); null when there is none. */
  public Element element(int tag) {
    int row = table.find(tag, from, to);
    return row < 0 ? null : new Element(table, row, this);
  }

  public boolean contains(int tag) {
    return table.find(tag, from, to) >= 0;
  }

  public boolean isEmpty() {
    return from == to;
  }

  /** All elements of this level, in the order of the file. */
  public List<Element> elements() {
    return new Rows<>(table, from, to, row -> new Element(table, row, this));
  }

  /** Elements by ascending tag, each once, however the file has them. */
  List<Element> inOrder() {
    List<Element> elements = elements();
    boolean ascending = true;
    for (int i = 1; i < elements.size() && ascending; i++) {
      ascending = Integer.compareUnsigned(elements.get(i - 1).tag(), elements.get(i).tag()) < 0;
    }
    if (ascending) {
      return elements;
    }
    List<Element> sorted = new ArrayList<>(elements);
    sorted.sort((a, b) -> Integer.compareUnsigned(a.tag(), b.tag()));
    List<Element> once = new ArrayList<>(sorted.size());
    for (Element element : sorted) {
      if (once.isEmpty() || once.get(once.size() - 1).tag() != element.tag()) {
        once.add(element);
      }
    }
    return once;
  }

  /** The first value decoded and trimmed (numbers as decimal text); null when there is none. */
  public String string(int tag) {
    Element element = element(tag);
    return element == null ? null : element.string();
  }

  /** All values decoded and trimmed; empty when there are none. */
  public List<String> strings(int tag) {
    Element element = element(tag);
    return element == null ? List.of() : element.strings();
  }

  /** The first value as an integer; null when there is none or it is not one. */
  public Integer integer(int tag) {
    Element element = element(tag);
    return element == null ? null : element.integer();
  }

  /** The first value as an integer, or {@code otherwise}. */
  public int integer(int tag, int otherwise) {
    Integer value = integer(tag);
    return value == null ? otherwise : value;
  }

  /** The items of a sequence; empty when there are none. */
  public List<DataSet> sequence(int tag) {
    Element element = element(tag);
    return element == null ? List.of() : element.items();
  }

  /** How text is decoded here: by the nearest Specific Character Set (PS3.3 §C.12.1.1.2). */
  public CharacterSets charset() {
    CharacterSets known = charset;
    if (known == null) {
      int row = table.find(Tag.SpecificCharacterSet, from, to);
      if (row >= 0) {
        known = CharacterSets.of(new Element(table, row, this).asciiValues());
      } else {
        known = parent == null ? CharacterSets.DEFAULT : parent.charset();
      }
      charset = known;
    }
    return known;
  }
}
