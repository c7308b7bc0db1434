package dev.krafla.gateway.access;

import java.net.InetAddress;

/**
 * A range of addresses, as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or one address.
 *
 * @param prefix bits that must be the same
 */
public record Network(InetAddress address, int prefix) {
  public Network {
    int bits = address.getAddress().length * Byte.SIZE;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "network %s/%d: the prefix must be 0 to %d"
              .formatted(address.getHostAddress(), prefix, bits));
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none; names are not looked up
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address;
    int prefix;
    try {
      address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      prefix =
          slash < 0
              ? address.getAddress().length * Byte.SIZE
              : Integer.parseInt(text.substring(slash + 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a network; write it as 10.0.0.0/8, 2001:db8::/32 or 10.1.2.3"
              .formatted(text),
          e);
    }
    return new Network(address, prefix);
  }

  /** Whether {@code other} lies in it. IPv4 is never in an IPv6 network, nor the reverse. */
  public boolean contains(InetAddress other) {
    byte[] ours = address.getAddress();
    byte[] theirs = other.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    int whole = prefix / Byte.SIZE;
    for (int i = 0; i < whole; i++) {
      if (ours[i] != theirs[i]) {
        return false;
      }
    }
    int rest = prefix % Byte.SIZE;
    int shift = Byte.SIZE - rest;
    return rest == 0 || (ours[whole] & 0xff) >> shift == (theirs[whole] & 0xff) >> shift;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
