package dev.krafla.engine.transfer;

import java.util.Arrays;
import java.util.Optional;

/** What a frame carries. */
enum FrameType {
  CHALLENGE(1),
  HELLO(2),
  READY(3),
  PULL(4),
  GRANT(5),
  /** {@code float32[vocabSize]}: what the model says after the prompt. */
  LOGITS(6),
  /** The block of every layer's slab, the first layer first, in the layout of {@code KvCache}. */
  BLOCK(7),
  RELEASE(8),
  REFUSED(9);

  private final int code;

  FrameType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Optional<FrameType> of(int code) {
    return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
  }
}
