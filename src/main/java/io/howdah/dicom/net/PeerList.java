package io.howdah.dicom.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may call: entries {@code AE@address}, either side {@code *}, an address also with a prefix
 * length; {@code *} alone lets everyone in, and nothing lets no one in.
 */
public final class PeerList {
  /** Lets no one in. */
  public static final PeerList NONE = new PeerList(List.of());

  /** Lets everyone in; for trying out. */
  public static final PeerList ALL = parse("*");

  private final List<Entry> entries;

  private record Entry(String ae, byte[] network, int prefix) {
    boolean allows(String callingAe, InetAddress address) {
      return (ae.equals("*") || ae.equals(callingAe))
          && (network == null || contains(address.getAddress()));
    }

    private boolean contains(byte[] address) {
      if (address.length != network.length) {
        return false;
      }
      for (int bit = 0; bit < prefix; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((address[bit / 8] & mask) != (network[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private PeerList(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * Reads a comma-separated list such as {@code CT1@10.1.2.3,MR2@*,*@10.2.0.0/16}.
   *
   * @throws IllegalArgumentException naming the entry that cannot be read; host names are not
   *     looked up
   */
  public static PeerList parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String entry = part.strip();
      if (!entry.isEmpty()) {
        entries.add(entry(entry));
      }
    }
    return new PeerList(List.copyOf(entries));
  }

  private static Entry entry(String text) {
    if (text.equals("*")) {
      return new Entry("*", null, 0);
    }
    int at = text.lastIndexOf('@');
    if (at < 1 || !AeSyntax.holds(text.substring(0, at))) {
      throw new IllegalArgumentException("a peer is AE@address, AE@* or *, not \"" + text + "\"");
    }
    String ae = text.substring(0, at).strip();
    String address = text.substring(at + 1);
    if (address.equals("*")) {
      return new Entry(ae, null, 0);
    }
    int slash = address.indexOf('/');
    byte[] network = literal(slash < 0 ? address : address.substring(0, slash), text);
    int bits = network.length * 8;
    int prefix = bits;
    if (slash >= 0) {
      String length = address.substring(slash + 1);
      prefix = length.matches("[0-9]{1,3}") ? Integer.parseInt(length) : -1;
    }
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException("the prefix length of peer \"" + text + "\" is wrong");
    }
    return new Entry(ae, network, prefix);
  }

  private static byte[] literal(String address, String entry) {
    if (address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || address.matches("[0-9A-Fa-f:.]*:.*")) {
      try {
        return InetAddress.getByName(address).getAddress();
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("the address of peer \"" + entry + "\" is wrong", e);
      }
    }
    throw new IllegalArgumentException(
        "the address of peer \""
            + entry
            + "\" must be a number or *, host names are not looked up");
  }

  /** True when a peer of this title and address may associate. */
  public boolean allows(String callingAe, InetAddress address) {
    for (Entry each : entries) {
      if (each.allows(callingAe, address)) {
        return true;
      }
    }
    return false;
  }
}
