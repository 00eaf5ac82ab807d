package io.howdah.dicom.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The command of a DIMSE message: elements of group 0000, Implicit VR Little Endian whatever the
 * context says (PS3.7 §6.3). Elements are kept as bytes and read when asked for.
 */
final class CommandSet {
  /** The longest command anyone may send. */
  static final int MAX_LENGTH = 16 * 1024;

  static final int AFFECTED_SOP_CLASS = 0x0002;
  static final int REQUESTED_SOP_CLASS = 0x0003;
  static final int COMMAND_FIELD = 0x0100;
  static final int MESSAGE_ID = 0x0110;
  static final int MESSAGE_ID_RESPONDED_TO = 0x0120;
  static final int PRIORITY = 0x0700;
  static final int DATA_SET_TYPE = 0x0800;
  static final int STATUS = 0x0900;
  static final int ERROR_COMMENT = 0x0902;
  static final int AFFECTED_SOP_INSTANCE = 0x1000;
  static final int REQUESTED_SOP_INSTANCE = 0x1001;
  static final int EVENT_TYPE = 0x1002;
  static final int ACTION_TYPE = 0x1008;

  private static final int NO_DATA_SET = 0x0101;
  private static final int DATA_SET = 0x0001;

  private final Map<Integer, byte[]> elements = new TreeMap<>();

  /** An empty command of this kind; whether a data set follows is said by {@link #withDataSet}. */
  static CommandSet of(int field) {
    return new CommandSet().us(COMMAND_FIELD, field).us(DATA_SET_TYPE, NO_DATA_SET);
  }

  /** The answer to {@code request}, its SOP class and instance repeated (PS3.7 §9.1, §10.1). */
  static CommandSet answer(CommandSet request, int status) {
    CommandSet answer =
        of(request.field() | CommandField.RESPONSE)
            .us(MESSAGE_ID_RESPONDED_TO, request.us(MESSAGE_ID))
            .us(STATUS, status);
    String sopClass = request.uid(AFFECTED_SOP_CLASS);
    String instance = request.uid(AFFECTED_SOP_INSTANCE);
    answer.uid(
        AFFECTED_SOP_CLASS, sopClass.isEmpty() ? request.uid(REQUESTED_SOP_CLASS) : sopClass);
    answer.uid(
        AFFECTED_SOP_INSTANCE, instance.isEmpty() ? request.uid(REQUESTED_SOP_INSTANCE) : instance);
    return answer;
  }

  /**
   * @throws AssociationEnded when the bytes are no command set
   */
  static CommandSet decode(ByteBuffer bytes) throws AssociationEnded {
    ByteBuffer in = bytes.order(ByteOrder.LITTLE_ENDIAN);
    CommandSet command = new CommandSet();
    while (in.hasRemaining()) {
      if (in.remaining() < 8) {
        throw invalid("command element header");
      }
      int group = in.getShort() & 0xffff;
      int element = in.getShort() & 0xffff;
      long length = in.getInt() & 0xffffffffL;
      if (group != 0 || length > in.remaining()) {
        throw invalid("command element");
      }
      byte[] value = new byte[(int) length];
      in.get(value);
      if (command.elements.put(element, value) != null) {
        throw invalid("command element twice");
      }
    }
    command.elements.remove(0);
    if (command.us(COMMAND_FIELD) < 0 || command.us(DATA_SET_TYPE) < 0) {
      throw invalid("command without field or data set type");
    }
    return command;
  }

  byte[] encode() {
    int length = 0;
    for (byte[] value : elements.values()) {
      length += 8 + value.length;
    }
    ByteBuffer out = ByteBuffer.allocate(12 + length).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putInt(4).putInt(length);
    elements.forEach(
        (element, value) ->
            out.putShort((short) 0).putShort(element.shortValue()).putInt(value.length).put(value));
    return out.array();
  }

  CommandSet us(int element, int value) {
    elements.put(element, new byte[] {(byte) value, (byte) (value >> 8)});
    return this;
  }

  /** An empty text is not written. */
  CommandSet uid(int element, String value) {
    if (!value.isEmpty()) {
      byte[] text = value.getBytes(StandardCharsets.US_ASCII);
      elements.put(element, Arrays.copyOf(text, text.length + (text.length & 1)));
    }
    return this;
  }

  CommandSet withDataSet() {
    return us(DATA_SET_TYPE, DATA_SET);
  }

  int field() {
    return us(COMMAND_FIELD);
  }

  int status() {
    return us(STATUS);
  }

  boolean hasDataSet() {
    return us(DATA_SET_TYPE) != NO_DATA_SET;
  }

  /** The value, or -1 when it is not there or no US. */
  int us(int element) {
    byte[] value = elements.get(element);
    return value == null || value.length != 2 ? -1 : (value[0] & 0xff) | (value[1] & 0xff) << 8;
  }

  /** The value without padding, empty when it is not there. */
  String uid(int element) {
    byte[] value = elements.get(element);
    if (value == null) {
      return "";
    }
    int end = value.length;
    while (end > 0 && (value[end - 1] == 0 || value[end - 1] == ' ')) {
      end--;
    }
    return new String(value, 0, end, StandardCharsets.ISO_8859_1);
  }

  private static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
