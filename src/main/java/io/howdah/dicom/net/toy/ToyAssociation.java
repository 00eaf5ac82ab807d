package io.howdah.dicom.net.toy;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One association of a toy peer, played on the thread that was given to it. */
final class ToyAssociation {
  private static final int MAX_PDU = 1024 * 1024;
  private static final int MAX_KEPT = 4 * 1024 * 1024;
  private static final String COMMITMENT = "1.2.840.10008.1.20.1";

  private final ToyPeer peer;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Map<Integer, String> syntaxes = new HashMap<>();
  private ToyScript.Visit visit;
  private int stores;
  private int pduType;
  private ByteBuffer pdu = ByteBuffer.allocate(0);
  private int contextId;
  private int fragmentEnd;
  private boolean command;
  private boolean last;

  /** What was played ends the association. */
  private static final class Over extends IOException {
    private static final long serialVersionUID = 1;
  }

  ToyAssociation(ToyPeer peer, Socket socket) throws IOException {
    this.peer = peer;
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 256 * 1024));
    this.out = socket.getOutputStream();
  }

  void play() throws IOException {
    try {
      readPdu();
      if (pduType != 1) {
        return;
      }
      visit = peer.nextVisit();
      byte[] accept = accept();
      if (visit.reject() != null) {
        int[] r = visit.reject();
        out.write(new byte[] {3, 0, 0, 0, 0, 4, 0, (byte) r[0], (byte) r[1], (byte) r[2]});
        return;
      }
      speak(visit.associate(), accept);
      while (true) {
        Map<Integer, byte[]> request = readCommand();
        if (request == null) {
          speak(visit.release(), new byte[] {6, 0, 0, 0, 0, 4, 0, 0, 0, 0});
          return;
        }
        perform(request);
      }
    } catch (Over over) {
      // the script has come to its end
    }
  }

  private byte[] accept() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] fixed = new byte[68];
    pdu.get(fixed);
    body.writeBytes(fixed);
    int window = peer.script().window();
    while (pdu.remaining() >= 4) {
      int type = pdu.get() & 0xff;
      pdu.get();
      int length = pdu.getShort() & 0xffff;
      byte[] item = new byte[length];
      pdu.get(item);
      if (type == 0x10) {
        item(body, 0x10, item);
      } else if (type == 0x20) {
        item(body, 0x21, answer(ByteBuffer.wrap(item)));
      } else {
        ByteArrayOutputStream user = new ByteArrayOutputStream();
        item(user, 0x51, ByteBuffer.allocate(4).putInt(peer.script().maxPdu()).array());
        item(user, 0x52, "2.25.1".getBytes(StandardCharsets.US_ASCII));
        if (window > 0) {
          item(
              user,
              0x53,
              ByteBuffer.allocate(4).putShort((short) window).putShort((short) 1).array());
        }
        item(user, 0x55, "TOY".getBytes(StandardCharsets.US_ASCII));
        item(body, 0x50, user.toByteArray());
      }
    }
    return pdu(2, body.toByteArray());
  }

  private byte[] answer(ByteBuffer proposal) {
    int id = proposal.getInt() >>> 24;
    String sopClass = "";
    String transferSyntax = "";
    while (proposal.remaining() >= 4) {
      int type = proposal.get() & 0xff;
      proposal.get();
      byte[] uid = new byte[proposal.getShort() & 0xffff];
      proposal.get(uid);
      if (type == 0x30) {
        sopClass = new String(uid, StandardCharsets.US_ASCII);
      } else if (transferSyntax.isEmpty()) {
        transferSyntax = new String(uid, StandardCharsets.US_ASCII);
      }
    }
    boolean accepted = visit.accepts(sopClass);
    if (accepted) {
      syntaxes.put(id, sopClass);
    }
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    result.writeBytes(new byte[] {(byte) id, 0, (byte) (accepted ? 0 : 3), 0});
    item(result, 0x40, transferSyntax.getBytes(StandardCharsets.US_ASCII));
    return result.toByteArray();
  }

  private static void item(ByteArrayOutputStream to, int type, byte[] value) {
    to.writeBytes(
        ByteBuffer.allocate(4)
            .put((byte) type)
            .put((byte) 0)
            .putShort((short) value.length)
            .array());
    to.writeBytes(value);
  }

  private static byte[] pdu(int type, byte[] body) {
    return ByteBuffer.allocate(6 + body.length)
        .put((byte) type)
        .put((byte) 0)
        .putInt(body.length)
        .put(body)
        .array();
  }

  private void perform(Map<Integer, byte[]> request) throws IOException {
    if ((us(request, 0x0100) & 0x8000) != 0) {
      skipDataSet(request);
      return;
    }
    switch (us(request, 0x0100)) {
      case 0x0001 -> store(request);
      case 0x0020 -> find(request);
      case 0x0130 -> commit(request);
      default -> {
        skipDataSet(request);
        out.write(response(request, 0, contextId));
      }
    }
  }

  private void store(Map<Integer, byte[]> request) throws IOException {
    peer.countRequest();
    Turn turn = visit.turn(++stores);
    int id = contextId;
    byte[] answer = response(request, turn.status(), id);
    if (turn.act() == Act.ABORT_DURING) {
      speak(Act.ABORT, answer);
    }
    if (turn.act() == Act.EARLY) {
      out.write(answer);
    }
    MessageDigest digest = sha256();
    readDataSet(bytes -> digest.update(bytes));
    peer.keep(uid(request, 0x1000), HexFormat.of().formatHex(digest.digest()));
    switch (turn.act()) {
      case EARLY -> {
        // has been answered
      }
      case WRONG_MESSAGE_ID -> out.write(response(with(request, 0x0110, 0x7777), 0, id));
      case WRONG_CONTEXT -> out.write(response(request, 0, (id + 2) & 0xff));
      case WRONG_INSTANCE -> {
        Map<Integer, byte[]> other = new HashMap<>(request);
        other.put(0x1000, "2.25.77\0".getBytes(StandardCharsets.US_ASCII));
        out.write(response(other, 0, id));
      }
      case WRONG_KIND -> out.write(response(with(request, 0x0100, 0x0030), 0, id));
      case WITHOUT_STATUS -> out.write(response(request, -1, id));
      case GIANT -> out.write(giant(id));
      default -> speak(turn.act(), answer);
    }
  }

  /** A command of which a megabyte comes and no end. */
  private byte[] giant(int id) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 64; i++) {
      all.writeBytes(fragment(id, 1, new byte[16 * 1024]));
    }
    return all.toByteArray();
  }

  private void speak(Act act, byte[] answer) throws IOException {
    switch (act) {
      case ANSWER -> out.write(answer);
      case TWICE -> {
        out.write(answer);
        out.write(answer);
      }
      case ABORT, ABORT_DURING -> {
        out.write(new byte[] {7, 0, 0, 0, 0, 4, 0, 0, 0, 0});
        socket.shutdownOutput();
        drain();
      }
      case SILENT -> {
        // says nothing
      }
      case STALL -> stall();
      case RESET, ANSWER_AND_RESET -> {
        if (act == Act.ANSWER_AND_RESET) {
          out.write(answer);
        }
        socket.setSoLinger(true, 0);
        throw new Over();
      }
      case ANSWER_AND_CLOSE -> {
        out.write(answer);
        throw new Over();
      }
      case GARBAGE ->
          out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      case HALF -> {
        out.write(answer, 0, answer.length / 2);
        stall();
      }
      case RELEASE -> out.write(new byte[] {5, 0, 0, 0, 0, 4, 0, 0, 0, 0});
      default -> throw new Over();
    }
  }

  /** Lets the other side speak into the void until it gives up. */
  private void drain() throws IOException {
    while (in.skip(MAX_PDU) > 0 || in.read() >= 0) {
      continue;
    }
    throw new Over();
  }

  /** Reads nothing until the peer as a whole is closed. */
  private void stall() throws IOException {
    synchronized (this) {
      try {
        while (!socket.isClosed()) {
          wait(50);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    throw new Over();
  }

  private void find(Map<Integer, byte[]> request) throws IOException {
    Map<Integer, byte[]> keys = elements(ByteBuffer.wrap(keptDataSet()));
    String asked = text(keys.getOrDefault(0x00080018, new byte[0]));
    for (String uid : asked.split("\\\\", -1)) {
      if (peer.kept().containsKey(uid)) {
        out.write(fragment(contextId, 3, command(request, 0xff00, true)));
        ByteArrayOutputStream match = new ByteArrayOutputStream();
        element(match, 0x00080018, even(uid));
        out.write(fragment(contextId, 2, match.toByteArray()));
      }
    }
    out.write(response(request, 0, contextId));
  }

  private void commit(Map<Integer, byte[]> request) throws IOException {
    int id = contextId;
    Map<Integer, byte[]> dataSet = elements(ByteBuffer.wrap(keptDataSet()));
    out.write(response(request, 0, id));
    if (!visit.reports()) {
      return;
    }
    ByteArrayOutputStream good = new ByteArrayOutputStream();
    ByteArrayOutputStream bad = new ByteArrayOutputStream();
    elementsOf(dataSet.getOrDefault(0x00081199, new byte[0]))
        .forEach(
            item -> {
              String uid = text(elements(ByteBuffer.wrap(item)).get(0x00081155));
              ByteArrayOutputStream to = peer.kept().containsKey(uid) ? good : bad;
              element(to, 0xfffee000, item);
            });
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    element(report, 0x00081195, dataSet.get(0x00081195));
    if (bad.size() > 0) {
      element(report, 0x00081198, bad.toByteArray());
    }
    element(report, 0x00081199, good.toByteArray());
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    element(event, 0x0002, even(COMMITMENT));
    element(event, 0x0100, shortValue(0x0100));
    element(event, 0x0110, shortValue(1));
    element(event, 0x0800, shortValue(1));
    element(event, 0x1000, even(COMMITMENT + ".1"));
    element(event, 0x1002, shortValue(bad.size() > 0 ? 2 : 1));
    out.write(fragment(id, 3, event.toByteArray()));
    out.write(fragment(id, 2, report.toByteArray()));
  }

  private static List<byte[]> elementsOf(byte[] sequence) {
    java.util.ArrayList<byte[]> items = new java.util.ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(sequence).order(ByteOrder.LITTLE_ENDIAN);
    while (all.remaining() >= 8) {
      all.getInt();
      byte[] item = new byte[Math.min(all.getInt(), all.remaining())];
      all.get(item);
      items.add(item);
    }
    return items;
  }

  private byte[] response(Map<Integer, byte[]> request, int status, int id) {
    return fragment(id, 3, command(request, status, false));
  }

  private static byte[] command(Map<Integer, byte[]> request, int status, boolean dataSet) {
    Map<Integer, byte[]> answer = new TreeMap<>();
    answer.put(0x0100, shortValue(us(request, 0x0100) | 0x8000));
    answer.put(0x0120, request.get(0x0110));
    answer.put(0x0800, shortValue(dataSet ? 1 : 0x0101));
    if (status >= 0) {
      answer.put(0x0900, shortValue(status));
    }
    for (int repeated : new int[] {0x0002, 0x1000}) {
      if (request.containsKey(repeated)) {
        answer.put(repeated, request.get(repeated));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    answer.forEach((tag, value) -> element(bytes, tag, value));
    return bytes.toByteArray();
  }

  private static Map<Integer, byte[]> with(Map<Integer, byte[]> request, int tag, int value) {
    Map<Integer, byte[]> other = new HashMap<>(request);
    other.put(tag, shortValue(value));
    return other;
  }

  private static byte[] fragment(int id, int flags, byte[] value) {
    return pdu(
        4,
        ByteBuffer.allocate(6 + value.length)
            .putInt(value.length + 2)
            .put((byte) id)
            .put((byte) flags)
            .put(value)
            .array());
  }

  private static void element(ByteArrayOutputStream to, int tag, byte[] value) {
    to.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) (tag >>> 16))
            .putShort((short) tag)
            .putInt(value.length)
            .array());
    to.writeBytes(value);
  }

  private static byte[] shortValue(int value) {
    return new byte[] {(byte) value, (byte) (value >> 8)};
  }

  private static byte[] even(String text) {
    return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), text.length() + 1 & ~1);
  }

  private void readPdu() throws IOException {
    pduType = in.read();
    if (pduType < 0) {
      throw new EOFException();
    }
    in.readByte();
    int length = in.readInt();
    if (length < 0 || length > MAX_PDU) {
      throw new Over();
    }
    byte[] body = new byte[length];
    in.readFully(body);
    pdu = ByteBuffer.wrap(body);
  }

  /** False when the other side wants to release. */
  private boolean readFragmentHeader() throws IOException {
    while (!pdu.hasRemaining()) {
      readPdu();
      if (pduType == 5) {
        return false;
      }
      if (pduType != 4) {
        throw new Over();
      }
    }
    int length = pdu.getInt();
    contextId = pdu.get() & 0xff;
    int flags = pdu.get();
    command = (flags & 1) != 0;
    last = (flags & 2) != 0;
    if (length < 2 || length - 2 > pdu.remaining()) {
      throw new Over();
    }
    fragmentEnd = pdu.position() + length - 2;
    return true;
  }

  private byte[] fragmentBytes() {
    byte[] bytes = new byte[fragmentEnd - pdu.position()];
    pdu.get(bytes);
    return bytes;
  }

  private Map<Integer, byte[]> readCommand() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    do {
      if (!readFragmentHeader()) {
        return null;
      }
      if (!command) {
        throw new Over();
      }
      all.writeBytes(fragmentBytes());
    } while (!last && all.size() < MAX_KEPT);
    return elements(ByteBuffer.wrap(all.toByteArray()));
  }

  private interface Bytes {
    void take(byte[] bytes);
  }

  private void readDataSet(Bytes to) throws IOException {
    do {
      if (!readFragmentHeader() || command) {
        throw new Over();
      }
      to.take(fragmentBytes());
    } while (!last);
  }

  private void skipDataSet(Map<Integer, byte[]> request) throws IOException {
    if (us(request, 0x0800) != 0x0101) {
      readDataSet(bytes -> {});
    }
  }

  private byte[] keptDataSet() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    readDataSet(
        bytes -> {
          if (all.size() < MAX_KEPT) {
            all.writeBytes(bytes);
          }
        });
    return all.toByteArray();
  }

  private static Map<Integer, byte[]> elements(ByteBuffer bytes) {
    ByteBuffer all = bytes.order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, byte[]> elements = new LinkedHashMap<>();
    while (all.remaining() >= 8) {
      int tag = (all.getShort() & 0xffff) << 16 | (all.getShort() & 0xffff);
      byte[] value = new byte[Math.max(0, Math.min(all.getInt(), all.remaining()))];
      all.get(value);
      elements.put(tag, value);
    }
    return elements;
  }

  private static int us(Map<Integer, byte[]> command, int tag) {
    byte[] value = command.getOrDefault(tag, new byte[2]);
    return value.length < 2 ? 0 : (value[0] & 0xff) | (value[1] & 0xff) << 8;
  }

  private static String uid(Map<Integer, byte[]> command, int tag) {
    return text(command.getOrDefault(tag, new byte[0]));
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII).replace("\0", "").strip();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
