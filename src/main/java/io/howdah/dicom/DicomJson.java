package io.howdah.dicom;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Writes data sets in the DICOM JSON model (PS3.18 Annex F) without bulk data: an element whose
 * value is pixel data, was not read, is long binary data or does not fit any more has its {@code
 * vr} and nothing else. Text is Unicode, and Specific Character Set says so. Whatever the bytes,
 * the output is valid JSON with ascending, unique names.
 */
public final class DicomJson {
  /** The most bytes of JSON for one data set, without white space for people. */
  public static final int DEFAULT_MAX_BYTES = 4 << 20;

  /** Binary values up to this length are written as InlineBinary. */
  public static final int DEFAULT_MAX_INLINE_BINARY = 4096;

  private static final int ELEMENT_OVERHEAD = 24;

  private final int maxBytes;
  private final int maxInlineBinary;

  public DicomJson() {
    this(DEFAULT_MAX_BYTES, DEFAULT_MAX_INLINE_BINARY);
  }

  public DicomJson(int maxBytes, int maxInlineBinary) {
    this.maxBytes = maxBytes;
    this.maxInlineBinary = maxInlineBinary;
  }

  /**
   * Writes a data set as one JSON object; the generator stays open.
   *
   * @return true when all of it was written, but for bulk data; false when the limit left some out
   */
  public boolean write(DataSet dataSet, JsonGenerator json) throws IOException {
    return new Writing(json, maxBytes).write(dataSet);
  }

  private static final class Level {
    final Iterator<Element> elements;
    final Iterator<DataSet> items;

    Level(Iterator<Element> elements, Iterator<DataSet> items) {
      this.elements = elements;
      this.items = items;
    }
  }

  private final class Writing {
    private final JsonGenerator json;
    private final Deque<Level> open = new ArrayDeque<>();
    private long left;
    private boolean whole = true;

    Writing(JsonGenerator json, long left) {
      this.json = json;
      this.left = left;
    }

    /** Iterative, because a file decides how deep it is. */
    boolean write(DataSet dataSet) throws IOException {
      begin(dataSet);
      while (!open.isEmpty()) {
        Level level = open.peek();
        if (level.elements != null) {
          if (level.elements.hasNext() && left > 0) {
            element(level.elements.next());
          } else {
            whole &= !level.elements.hasNext();
            open.pop();
            json.writeEndObject();
          }
        } else if (level.items.hasNext() && left > 0) {
          left -= 3;
          begin(level.items.next());
        } else {
          whole &= !level.items.hasNext();
          open.pop();
          json.writeEndArray();
          json.writeEndObject();
        }
      }
      return whole;
    }

    private void begin(DataSet dataSet) throws IOException {
      json.writeStartObject();
      open.push(new Level(dataSet.inOrder().iterator(), null));
    }

    private void element(Element element) throws IOException {
      int tag = element.tag();
      if ((tag & 0xFFFF) == 0) {
        return;
      }
      left -= ELEMENT_OVERHEAD;
      if (left < 0) {
        whole = false;
        return;
      }
      json.writeObjectFieldStart(Tag.hex(tag));
      json.writeStringField("vr", element.vr().name());
      if (element.isSequence()) {
        List<DataSet> items = element.items();
        if (!items.isEmpty() && fits(12)) {
          json.writeArrayFieldStart("Value");
          open.push(new Level(null, items.iterator()));
          return;
        }
      } else if (element.hasValue() && !element.isEmpty()) {
        value(element);
      }
      json.writeEndObject();
    }

    private void value(Element element) throws IOException {
      VR vr = element.vr();
      if (vr.isBulk()) {
        if (element.length() <= maxInlineBinary && fits(element.length() * 4 / 3 + 24)) {
          json.writeFieldName("InlineBinary");
          json.writeBinary(element.littleEndianBytes());
        }
      } else if (vr.isNumber()) {
        numbers(element, vr);
      } else if (element.tag() == Tag.SpecificCharacterSet) {
        characterSet(element);
      } else {
        texts(element, vr);
      }
    }

    private void numbers(Element element, VR vr) throws IOException {
      int count = element.count();
      if (count == 0 || !fits(12 + count * 26L)) {
        return;
      }
      json.writeArrayFieldStart("Value");
      List<String> tags = vr == VR.AT ? element.strings() : List.of();
      for (int i = 0; i < count; i++) {
        switch (vr) {
          case AT -> json.writeString(tags.get(i));
          case FL -> floating((float) element.floating(i));
          case FD -> floating(element.floating(i));
          case UV -> json.writeNumber(new BigInteger(Long.toUnsignedString(element.integer(i))));
          default -> json.writeNumber(element.integer(i));
        }
      }
      json.writeEndArray();
    }

    private void floating(float value) throws IOException {
      if (Float.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeString(Float.toString(value));
      }
    }

    private void floating(double value) throws IOException {
      if (Double.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeString(Double.toString(value));
      }
    }

    private void characterSet(Element element) throws IOException {
      List<String> terms = element.strings();
      if (terms.isEmpty()) {
        return;
      }
      json.writeArrayFieldStart("Value");
      json.writeString(terms.equals(List.of("ISO_IR 6")) ? "ISO_IR 6" : "ISO_IR 192");
      json.writeEndArray();
    }

    private void texts(Element element, VR vr) throws IOException {
      List<String> values = element.strings();
      if (values.isEmpty() || vr == VR.PN && values.size() == 1 && isNobody(values.get(0))) {
        return;
      }
      long cost = 12;
      for (String value : values) {
        cost += cost(value) + (vr == VR.PN ? 60 : 4);
      }
      if (!fits(cost)) {
        return;
      }
      json.writeArrayFieldStart("Value");
      for (String value : values) {
        if (value.isEmpty() || vr == VR.PN && isNobody(value)) {
          json.writeNull();
        } else if (vr == VR.PN) {
          name(value);
        } else if (vr == VR.IS || vr == VR.DS) {
          decimal(value, vr);
        } else {
          json.writeString(value);
        }
      }
      json.writeEndArray();
    }

    /** True for a name without any component group. */
    private static boolean isNobody(String name) {
      return name.chars().allMatch(c -> c == '=' || c == ' ');
    }

    /** PS3.5 §6.2.1: up to three component groups. */
    private void name(String value) throws IOException {
      json.writeStartObject();
      String[] groups = value.split("=", 4);
      group("Alphabetic", groups, 0);
      group("Ideographic", groups, 1);
      group("Phonetic", groups, 2);
      json.writeEndObject();
    }

    private void group(String name, String[] groups, int index) throws IOException {
      if (index < groups.length) {
        String group = groups[index].stripTrailing();
        if (!group.isEmpty()) {
          json.writeStringField(name, group);
        }
      }
    }

    private void decimal(String value, VR vr) throws IOException {
      String number = number(value, vr == VR.DS);
      if (number == null) {
        json.writeString(value);
      } else {
        json.writeNumber(number);
      }
    }

    private boolean fits(long cost) {
      if (cost > left) {
        whole = false;
        return false;
      }
      left -= cost;
      return true;
    }

    private static long cost(String text) {
      long cost = 2;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        cost += c >= 0x80 ? 3 : c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : 1;
      }
      return cost;
    }
  }

  /**
   * An IS or DS value in JSON's grammar for numbers, digits unchanged; null when it is not a
   * decimal number, or too large for common readers.
   */
  static String number(String text, boolean decimal) {
    int length = text.length();
    if (length > 32) {
      return null;
    }
    StringBuilder number = new StringBuilder(length + 2);
    int i = 0;
    if (i < length && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
      if (text.charAt(i) == '-') {
        number.append('-');
      }
      i++;
    }
    int start = i;
    while (i < length && isDigit(text.charAt(i))) {
      i++;
    }
    int whole = i - start;
    while (start < i - 1 && text.charAt(start) == '0') {
      start++;
    }
    number.append(whole == 0 ? "0" : text.substring(start, i));
    int fraction = 0;
    if (decimal && i < length && text.charAt(i) == '.') {
      start = ++i;
      while (i < length && isDigit(text.charAt(i))) {
        i++;
      }
      fraction = i - start;
      if (fraction > 0) {
        number.append('.').append(text, start, i);
      }
    }
    if (whole + fraction == 0) {
      return null;
    }
    if (decimal && i < length && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
      number.append('e');
      i++;
      if (i < length && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
        number.append(text.charAt(i++));
      }
      start = i;
      while (i < length && isDigit(text.charAt(i))) {
        i++;
      }
      if (i == start || i - start > 3) {
        return null;
      }
      number.append(text, start, i);
    }
    if (i != length) {
      return null;
    }
    String result = number.toString();
    return Double.isInfinite(Double.parseDouble(result)) ? null : result;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
