package dev.krafla.engine.transfer;

import java.nio.ByteBuffer;

/** The slabs as transfers see them. Callable from any thread. */
@FunctionalInterface
public interface BlockMemory {
  /** A block's bytes, by layer. */
  ByteBuffer[] block(int number);
}
