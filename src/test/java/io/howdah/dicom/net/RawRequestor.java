package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A requestor that can say anything, right or wrong. */
final class RawRequestor implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;

  /** A PDU as it came, or type -1 when the connection was closed instead. */
  record Raw(int type, byte[] body) {
    static final Raw CLOSED = new Raw(-1, new byte[0]);

    /** Type, source, reason of A-ABORT or result, source, reason of A-ASSOCIATE-RJ. */
    List<Integer> last(int count) {
      List<Integer> values = new ArrayList<>(List.of(type));
      for (int i = body.length - count; i < body.length; i++) {
        values.add(body[i] & 0xff);
      }
      return values;
    }
  }

  private RawRequestor(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
  }

  static RawRequestor connect(int port) throws IOException {
    return new RawRequestor(new Socket("127.0.0.1", port));
  }

  static Pdu.AssociateRequest request(String calling, String called, PresentationContext... what) {
    return request(calling, called, List.of(), what);
  }

  static Pdu.AssociateRequest request(
      String calling, String called, List<RoleSelection> roles, PresentationContext... what) {
    return new Pdu.AssociateRequest(
        1,
        called,
        calling,
        Uids.DICOMApplicationContext,
        List.of(what),
        new UserInformation(16384, "2.25.5", "TEST", false, 1, 1, roles));
  }

  static PresentationContext context(int id, String abstractSyntax, String... transferSyntaxes) {
    return new PresentationContext(id, abstractSyntax, List.of(transferSyntaxes));
  }

  /** Associates and insists on acceptance. */
  Pdu.AssociateAccept associate(PresentationContext... what) throws IOException {
    send(PduEncoder.encode(request("TEST", "HOWDAH", what)));
    return accepted();
  }

  Pdu.AssociateAccept accepted() throws IOException {
    Raw answer = read();
    if (answer.type() != Pdu.ASSOCIATE_AC) {
      throw new AssertionError("not accepted: PDU type " + answer.type());
    }
    return (Pdu.AssociateAccept) PduDecoder.decode(2, ByteBuffer.wrap(answer.body()));
  }

  void send(ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    send(copy);
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** A P-DATA-TF with one PDV. */
  void fragment(int context, boolean command, boolean last, byte[] value) throws IOException {
    send(
        ByteBuffer.allocate(12 + value.length)
            .put((byte) 4)
            .put((byte) 0)
            .putInt(6 + value.length)
            .putInt(2 + value.length)
            .put((byte) context)
            .put((byte) ((command ? 1 : 0) | (last ? 2 : 0)))
            .put(value)
            .flip());
  }

  void message(int context, CommandSet command, ByteBuffer dataSet) throws IOException {
    fragment(context, true, true, command.encode());
    if (dataSet != null) {
      byte[] bytes = new byte[dataSet.remaining()];
      dataSet.get(bytes);
      for (int at = 0; at < bytes.length; at += 16_000) {
        int end = Math.min(bytes.length, at + 16_000);
        fragment(context, false, end == bytes.length, java.util.Arrays.copyOfRange(bytes, at, end));
      }
    }
  }

  static CommandSet store(int messageId, String sopClass, String sopInstance) {
    return CommandSet.of(CommandField.C_STORE)
        .withDataSet()
        .us(CommandSet.MESSAGE_ID, messageId)
        .us(CommandSet.PRIORITY, 0)
        .uid(CommandSet.AFFECTED_SOP_CLASS, sopClass)
        .uid(CommandSet.AFFECTED_SOP_INSTANCE, sopInstance);
  }

  static CommandSet echo(int messageId) {
    return CommandSet.of(CommandField.C_ECHO)
        .us(CommandSet.MESSAGE_ID, messageId)
        .uid(CommandSet.AFFECTED_SOP_CLASS, Uids.Verification);
  }

  CommandSet answer() throws IOException {
    Raw raw = read();
    if (raw.type() != Pdu.P_DATA_TF) {
      throw new AssertionError("no answer but PDU type " + raw.type());
    }
    return CommandSet.decode(ByteBuffer.wrap(raw.body(), 6, raw.body().length - 6).slice());
  }

  Raw read() throws IOException {
    try {
      int type = in.read();
      if (type < 0) {
        return Raw.CLOSED;
      }
      in.readByte();
      byte[] body = new byte[in.readInt()];
      in.readFully(body);
      return new Raw(type, body);
    } catch (EOFException | SocketException e) {
      return Raw.CLOSED;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
