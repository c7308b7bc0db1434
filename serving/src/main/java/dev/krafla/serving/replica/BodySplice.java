package dev.krafla.serving.replica;

import java.nio.charset.StandardCharsets;

/** Puts a member into a JSON object's text without touching the rest of it. */
final class BodySplice {
  private BodySplice() {}

  /**
   * {@code object} with one member more, at its front.
   *
   * @param object text of a JSON object with at least one member, none of them called {@code name}
   * @param json the member's value
   */
  static byte[] withMember(byte[] object, String name, byte[] json) {
    int open = 0;
    while (object[open] != '{') {
      open++; // white space, or a byte order mark
    }
    byte[] head = ("\"" + name + "\":").getBytes(StandardCharsets.US_ASCII);
    byte[] out = new byte[object.length + head.length + json.length + 1];
    int at = open + 1;
    System.arraycopy(object, 0, out, 0, at);
    System.arraycopy(head, 0, out, at, head.length);
    System.arraycopy(json, 0, out, at + head.length, json.length);
    int rest = at + head.length + json.length;
    out[rest] = ',';
    System.arraycopy(object, at, out, rest + 1, object.length - at);
    return out;
  }
}
