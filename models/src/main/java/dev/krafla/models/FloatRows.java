package dev.krafla.models;

import dev.krafla.kernels.RawMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads rows of unquantised floats, as norm weights and biases are stored. */
final class FloatRows {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private FloatRows() {}

  /** The only row of {@code matrix}; {@code name} is for the error. */
  static float[] single(RawMatrix matrix, String name) {
    MemorySegment data = matrix.data();
    float[] out = new float[matrix.cols()];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (matrix.type()) {
            case F32 -> data.get(FLOAT, 4L * i);
            case F16 -> Float.float16ToFloat(data.get(SHORT, 2L * i));
            case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2L * i) << 16);
            default ->
                throw new UnsupportedModelException(
                    "tensor \"%s\" is %s; a vector must be F32, F16 or BF16"
                        .formatted(name, matrix.type()));
          };
    }
    return out;
  }
}
