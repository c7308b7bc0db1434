package dev.krafla.kernels;

/** How keys and values are stored in the cache. */
public enum KvType {
  /** Four bytes an element; for tests that compare bit for bit. */
  F32(4),
  /** IEEE half precision. */
  F16(2),
  /** bfloat16: the range of float32, 8 bits of mantissa. */
  BF16(2),
  /** Signed bytes with one float32 scale per 32 elements of a token's head vector. */
  Q8(1);

  private final int elementBytes;

  KvType(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** Bytes of one stored element, scales not counted. */
  public int elementBytes() {
    return elementBytes;
  }
}
