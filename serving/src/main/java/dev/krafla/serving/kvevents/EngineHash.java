package dev.krafla.serving.kvevents;

import java.nio.ByteBuffer;

/**
 * What a server calls a block: opaque, of 8 bytes or more, depending on its version.
 *
 * @param bytes not changed by anyone
 */
public record EngineHash(ByteBuffer bytes) {
  /** Of a number. */
  static EngineHash of(long number) {
    return new EngineHash(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
  }

  static EngineHash of(byte[] bytes) {
    return new EngineHash(ByteBuffer.wrap(bytes));
  }
}
