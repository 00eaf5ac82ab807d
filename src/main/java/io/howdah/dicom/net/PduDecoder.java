package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads PDU bodies that nobody vouches for: every length is checked against what encloses it before
 * it is used (PS3.8 §9.3).
 */
final class PduDecoder {
  /** The most encodings one context may propose. */
  static final int MAX_TRANSFER_SYNTAXES = 128;

  /** The most role selections one association may carry. */
  static final int MAX_ROLES = 256;

  private static final int FIXED = 68;

  private PduDecoder() {}

  /**
   * @param body exactly one PDU without its header, big endian
   * @throws AssociationEnded with the reason for the A-ABORT that is due
   */
  static Pdu decode(int type, ByteBuffer body) throws AssociationEnded {
    return switch (type) {
      case Pdu.ASSOCIATE_RQ -> request(body);
      case Pdu.ASSOCIATE_AC -> accept(body);
      case Pdu.ASSOCIATE_RJ -> {
        fourBytes(body);
        yield new Pdu.AssociateReject(
            new RejectReason(unsigned(body, 1), unsigned(body, 2), unsigned(body, 3)));
      }
      case Pdu.RELEASE_RQ -> {
        fourBytes(body);
        yield new Pdu.ReleaseRequest();
      }
      case Pdu.RELEASE_RP -> {
        fourBytes(body);
        yield new Pdu.ReleaseReply();
      }
      case Pdu.ABORT -> {
        fourBytes(body);
        yield new Pdu.Abort(unsigned(body, 2), unsigned(body, 3));
      }
      default -> throw AssociationEnded.violated(AbortReason.UNRECOGNIZED_PDU, "PDU type");
    };
  }

  private static void fourBytes(ByteBuffer body) throws AssociationEnded {
    if (body.remaining() != 4) {
      throw invalid("PDU length");
    }
  }

  private static int unsigned(ByteBuffer body, int index) {
    return body.get(body.position() + index) & 0xff;
  }

  /** What a request and its acceptance begin with (PS3.8 9.3.2 and 9.3.3). */
  private record Fixed(int version, String called, String calling) {}

  private static Fixed fixed(ByteBuffer body, String what) throws AssociationEnded {
    if (body.remaining() < FIXED) {
      throw invalid(what);
    }
    int version = body.getShort() & 0xffff;
    body.getShort();
    Fixed fixed = new Fixed(version, ae(body), ae(body));
    body.position(body.position() + 32);
    return fixed;
  }

  private static Pdu request(ByteBuffer body) throws AssociationEnded {
    Fixed fixed = fixed(body, "A-ASSOCIATE-RQ length");
    String application = "";
    UserInformation user = null;
    List<PresentationContext> contexts = new ArrayList<>();
    Set<Integer> ids = new HashSet<>();
    while (body.hasRemaining()) {
      int type = itemType(body);
      ByteBuffer item = item(body);
      switch (type) {
        case 0x10 -> application = uid(item);
        case 0x20 -> {
          PresentationContext context = proposal(item);
          if (contexts.size() == PresentationContext.MAX || !ids.add(context.id())) {
            throw invalid("presentation contexts");
          }
          contexts.add(context);
        }
        case 0x50 -> {
          if (user != null) {
            throw AssociationEnded.violated(
                AbortReason.UNEXPECTED_PARAMETER, "second user information");
          }
          user = userInformation(item);
        }
        default -> throw AssociationEnded.violated(AbortReason.UNRECOGNIZED_PARAMETER, "item type");
      }
    }
    return new Pdu.AssociateRequest(
        fixed.version(),
        fixed.called(),
        fixed.calling(),
        application,
        contexts,
        user == null ? silent() : user);
  }

  private static Pdu accept(ByteBuffer body) throws AssociationEnded {
    Fixed fixed = fixed(body, "A-ASSOCIATE-AC length");
    String application = "";
    UserInformation user = null;
    List<ContextResult> contexts = new ArrayList<>();
    while (body.hasRemaining()) {
      int type = itemType(body);
      ByteBuffer item = item(body);
      switch (type) {
        case 0x10 -> application = uid(item);
        case 0x21 -> {
          if (contexts.size() == PresentationContext.MAX) {
            throw invalid("presentation contexts");
          }
          contexts.add(result(item));
        }
        case 0x50 -> user = userInformation(item);
        default -> throw AssociationEnded.violated(AbortReason.UNRECOGNIZED_PARAMETER, "item type");
      }
    }
    return new Pdu.AssociateAccept(
        fixed.version(),
        fixed.called(),
        fixed.calling(),
        application,
        contexts,
        user == null ? silent() : user);
  }

  private static UserInformation silent() {
    return new UserInformation(0, "", "", false, 1, 1, List.of());
  }

  private static PresentationContext proposal(ByteBuffer item) throws AssociationEnded {
    if (item.remaining() < 4) {
      throw invalid("presentation context length");
    }
    int id = item.get() & 0xff;
    item.position(item.position() + 3);
    if (id % 2 == 0) {
      throw invalid("presentation context id");
    }
    String abstractSyntax = null;
    List<String> transferSyntaxes = new ArrayList<>();
    while (item.hasRemaining()) {
      int type = itemType(item);
      ByteBuffer sub = item(item);
      if (type == 0x30 && abstractSyntax == null) {
        abstractSyntax = uid(sub);
      } else if (type == 0x40 && transferSyntaxes.size() < MAX_TRANSFER_SYNTAXES) {
        transferSyntaxes.add(uid(sub));
      } else {
        throw invalid("presentation context item");
      }
    }
    if (abstractSyntax == null || transferSyntaxes.isEmpty()) {
      throw invalid("presentation context without syntax");
    }
    return new PresentationContext(id, abstractSyntax, transferSyntaxes);
  }

  private static ContextResult result(ByteBuffer item) throws AssociationEnded {
    if (item.remaining() < 4) {
      throw invalid("presentation context length");
    }
    int id = item.get() & 0xff;
    item.get();
    int result = item.get() & 0xff;
    item.get();
    String transferSyntax = "";
    while (item.hasRemaining()) {
      int type = itemType(item);
      ByteBuffer sub = item(item);
      if (type != 0x40) {
        throw invalid("presentation context item");
      }
      // a refused context may carry any bytes here: the field is not significant then
      transferSyntax = result == ContextResult.ACCEPTED ? uid(sub) : "";
    }
    if (result == ContextResult.ACCEPTED && transferSyntax.isEmpty()) {
      throw invalid("accepted presentation context without transfer syntax");
    }
    return new ContextResult(id, result, transferSyntax);
  }

  private static UserInformation userInformation(ByteBuffer items) throws AssociationEnded {
    long maxPdu = 0;
    String implementationClass = "";
    String implementationVersion = "";
    boolean window = false;
    int invoked = 1;
    int performed = 1;
    List<RoleSelection> roles = new ArrayList<>();
    while (items.hasRemaining()) {
      int type = itemType(items);
      ByteBuffer item = item(items);
      switch (type) {
        case 0x51 -> {
          exactly(item, 4);
          maxPdu = item.getInt() & 0xffffffffL;
        }
        case 0x52 -> implementationClass = printable(item, 64);
        case 0x53 -> {
          exactly(item, 4);
          window = true;
          invoked = item.getShort() & 0xffff;
          performed = item.getShort() & 0xffff;
        }
        case 0x54 -> {
          if (roles.size() == MAX_ROLES) {
            throw invalid("role selections");
          }
          roles.add(role(item));
        }
        case 0x55 -> implementationVersion = printable(item, 16);
        default -> {
          // extended negotiation, user identity and what later editions add: tolerated, not used
        }
      }
    }
    return new UserInformation(
        maxPdu, implementationClass, implementationVersion, window, invoked, performed, roles);
  }

  private static RoleSelection role(ByteBuffer item) throws AssociationEnded {
    if (item.remaining() < 4) {
      throw invalid("role selection length");
    }
    int length = item.getShort() & 0xffff;
    if (item.remaining() != length + 2) {
      throw invalid("role selection length");
    }
    String sopClass = uid(item.slice(item.position(), length));
    item.position(item.position() + length);
    return new RoleSelection(sopClass, item.get() == 1, item.get() == 1);
  }

  private static void exactly(ByteBuffer item, int length) throws AssociationEnded {
    if (item.remaining() != length) {
      throw invalid("item length");
    }
  }

  private static int itemType(ByteBuffer items) throws AssociationEnded {
    if (items.remaining() < 4) {
      throw invalid("item header");
    }
    int type = items.get() & 0xff;
    items.get();
    return type;
  }

  private static ByteBuffer item(ByteBuffer items) throws AssociationEnded {
    int length = items.getShort() & 0xffff;
    if (length > items.remaining()) {
      throw invalid("item length past its PDU");
    }
    ByteBuffer item = items.slice(items.position(), length);
    items.position(items.position() + length);
    return item;
  }

  private static String uid(ByteBuffer item) throws AssociationEnded {
    String text = StandardCharsets.ISO_8859_1.decode(item).toString();
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == 0 || text.charAt(end - 1) == ' ')) {
      end--;
    }
    text = text.substring(0, end);
    if (!Uids.isSafe(text)) {
      throw invalid("UID");
    }
    return text;
  }

  private static String ae(ByteBuffer body) {
    byte[] bytes = new byte[16];
    body.get(bytes);
    int from = 0;
    int to = bytes.length;
    while (to > from && bytes[to - 1] == ' ') {
      to--;
    }
    while (from < to && bytes[from] == ' ') {
      from++;
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static String printable(ByteBuffer item, int limit) {
    StringBuilder text = new StringBuilder(16);
    while (item.hasRemaining() && text.length() < limit) {
      int c = item.get() & 0xff;
      text.append(c > 0x20 && c < 0x7f ? (char) c : '_');
    }
    return text.toString();
  }

  private static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
