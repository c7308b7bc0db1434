package dev.krafla.models.tokenizer;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What becomes of text that no token covers: its bytes as tokens, else the unknown token, else
 * nothing.
 *
 * @param byteIds id of each byte's token, -1 where it has none; empty without byte fallback
 * @param unknown id of the unknown token
 * @param fuse one unknown token for a run of unknown characters
 */
record Unknowns(Optional<int[]> byteIds, OptionalInt unknown, boolean fuse) {
  /**
   * Appends what stands for {@code text[from, to)}; {@code afterUnknown}: its neighbour was too.
   */
  void append(byte[] text, int from, int to, boolean afterUnknown, IntList out) {
    if (byteIds.isPresent() && covers(byteIds.get(), text, from, to)) {
      for (int i = from; i < to; i++) {
        out.add(byteIds.get()[text[i] & 0xFF]);
      }
    } else if (unknown.isPresent() && !(fuse && afterUnknown)) {
      out.add(unknown.getAsInt());
    }
  }

  private static boolean covers(int[] byteIds, byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (byteIds[text[i] & 0xFF] < 0) {
        return false;
      }
    }
    return true;
  }
}
