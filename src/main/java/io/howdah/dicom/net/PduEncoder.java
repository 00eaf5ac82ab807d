package io.howdah.dicom.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes PDUs other than P-DATA-TF, header included (PS3.8 §9.3). */
final class PduEncoder {
  private PduEncoder() {}

  static ByteBuffer encode(Pdu pdu) {
    if (pdu instanceof Pdu.AssociateRequest rq) {
      return request(rq);
    }
    if (pdu instanceof Pdu.AssociateAccept ac) {
      return accept(ac);
    }
    if (pdu instanceof Pdu.AssociateReject rj) {
      RejectReason reason = rj.reason();
      return small(Pdu.ASSOCIATE_RJ, reason.result(), reason.source(), reason.reason());
    }
    if (pdu instanceof Pdu.Abort abort) {
      return small(Pdu.ABORT, 0, abort.source(), abort.reason());
    }
    return small(pdu instanceof Pdu.ReleaseRequest ? Pdu.RELEASE_RQ : Pdu.RELEASE_RP, 0, 0, 0);
  }

  private static ByteBuffer small(int type, int second, int third, int fourth) {
    ByteBuffer out = ByteBuffer.allocate(10);
    out.put((byte) type).put((byte) 0).putInt(4).put((byte) 0);
    return out.put((byte) second).put((byte) third).put((byte) fourth).flip();
  }

  private static ByteBuffer request(Pdu.AssociateRequest rq) {
    ByteBuffer out = ByteBuffer.allocate(Pdu.MAX_BEFORE_ASSOCIATION);
    begin(out, Pdu.ASSOCIATE_RQ, rq.calledAe(), rq.callingAe(), rq.applicationContext());
    for (PresentationContext context : rq.contexts()) {
      int item = open(out, 0x20);
      out.put((byte) context.id()).put((byte) 0).putShort((short) 0);
      uid(out, 0x30, context.abstractSyntax());
      for (String transferSyntax : context.transferSyntaxes()) {
        uid(out, 0x40, transferSyntax);
      }
      close(out, item);
    }
    user(out, rq.user());
    return out.putInt(2, out.position() - Pdu.HEADER).flip();
  }

  private static ByteBuffer accept(Pdu.AssociateAccept ac) {
    ByteBuffer out = ByteBuffer.allocate(Pdu.MAX_BEFORE_ASSOCIATION);
    begin(out, Pdu.ASSOCIATE_AC, ac.calledAe(), ac.callingAe(), ac.applicationContext());
    for (ContextResult context : ac.contexts()) {
      int item = open(out, 0x21);
      out.put((byte) context.id()).put((byte) 0).put((byte) context.result()).put((byte) 0);
      uid(out, 0x40, context.transferSyntax());
      close(out, item);
    }
    user(out, ac.user());
    return out.putInt(2, out.position() - Pdu.HEADER).flip();
  }

  private static void begin(
      ByteBuffer out, int type, String called, String calling, String application) {
    out.put((byte) type).put((byte) 0).putInt(0).putShort((short) 1).putShort((short) 0);
    ae(out, called);
    ae(out, calling);
    out.put(new byte[32]);
    uid(out, 0x10, application);
  }

  private static void user(ByteBuffer out, UserInformation user) {
    int item = open(out, 0x50);
    int max = open(out, 0x51);
    out.putInt((int) user.maxPdu());
    close(out, max);
    uid(out, 0x52, user.implementationClass());
    if (user.windowNegotiated()) {
      int window = open(out, 0x53);
      out.putShort((short) user.invoked()).putShort((short) user.performed());
      close(out, window);
    }
    for (RoleSelection role : user.roles()) {
      int selection = open(out, 0x54);
      out.putShort((short) role.sopClass().length());
      out.put(role.sopClass().getBytes(StandardCharsets.US_ASCII));
      out.put((byte) (role.scu() ? 1 : 0)).put((byte) (role.scp() ? 1 : 0));
      close(out, selection);
    }
    uid(out, 0x55, user.implementationVersion());
    close(out, item);
  }

  private static void uid(ByteBuffer out, int type, String text) {
    int item = open(out, type);
    out.put(text.getBytes(StandardCharsets.US_ASCII));
    close(out, item);
  }

  private static void ae(ByteBuffer out, String title) {
    byte[] field = new byte[16];
    Arrays.fill(field, (byte) ' ');
    byte[] text = title.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(text, 0, field, 0, Math.min(text.length, field.length));
    out.put(field);
  }

  private static int open(ByteBuffer out, int type) {
    out.put((byte) type).put((byte) 0).putShort((short) 0);
    return out.position();
  }

  private static void close(ByteBuffer out, int start) {
    out.putShort(start - 2, (short) (out.position() - start));
  }
}
