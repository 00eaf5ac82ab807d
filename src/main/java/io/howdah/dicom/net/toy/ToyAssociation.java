package io.howdah.dicom.net.toy;

import static io.howdah.dicom.net.toy.ToyMessages.command;
import static io.howdah.dicom.net.toy.ToyMessages.element;
import static io.howdah.dicom.net.toy.ToyMessages.elements;
import static io.howdah.dicom.net.toy.ToyMessages.elementsOf;
import static io.howdah.dicom.net.toy.ToyMessages.even;
import static io.howdah.dicom.net.toy.ToyMessages.fragment;
import static io.howdah.dicom.net.toy.ToyMessages.item;
import static io.howdah.dicom.net.toy.ToyMessages.pdu;
import static io.howdah.dicom.net.toy.ToyMessages.response;
import static io.howdah.dicom.net.toy.ToyMessages.sha256;
import static io.howdah.dicom.net.toy.ToyMessages.shortValue;
import static io.howdah.dicom.net.toy.ToyMessages.text;
import static io.howdah.dicom.net.toy.ToyMessages.uid;
import static io.howdah.dicom.net.toy.ToyMessages.us;
import static io.howdah.dicom.net.toy.ToyMessages.with;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

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
}
