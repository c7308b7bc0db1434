package dev.krafla.kernels;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden files: tools/golden_blocks.py, from the Python package gguf 0.19.0. */
class BlockFormatsTest {
  private static final int QUANTISED = 256;

  /** One golden file. */
  private record Golden(byte[] blocks, float[] values, float[] input, byte[] quantised) {
    static Golden of(WeightType type) throws IOException {
      try (var in = BlockFormatsTest.class.getResourceAsStream("/golden/blocks/" + type + ".bin")) {
        ByteBuffer file =
            ByteBuffer.wrap(Objects.requireNonNull(in).readAllBytes()).order(LITTLE_ENDIAN);
        int elements = file.getInt();
        byte[] blocks = bytes(file, type.bytes(elements));
        float[] values = floats(file, elements);
        boolean quantised = file.hasRemaining();
        return new Golden(
            blocks,
            values,
            floats(file, quantised ? QUANTISED : 0),
            bytes(file, quantised ? type.bytes(QUANTISED) : 0));
      }
    }

    private static byte[] bytes(ByteBuffer file, long n) {
      byte[] bytes = new byte[Math.toIntExact(n)];
      file.get(bytes);
      return bytes;
    }

    private static float[] floats(ByteBuffer file, int n) {
      float[] floats = new float[n];
      file.asFloatBuffer().get(floats);
      file.position(file.position() + n * Float.BYTES);
      return floats;
    }
  }

  @ParameterizedTest
  @EnumSource
  void decodesEveryFormatBitForBitAsTheReferenceDoes(WeightType type) throws IOException {
    Golden golden = Golden.of(type);
    int cols = golden.values.length / 2;
    var matrix = new RawMatrix(type, 2, cols, MemorySegment.ofArray(golden.blocks));
    float[] row = new float[cols];
    for (int r = 0; r < 2; r++) {
      BlockFormats.dequantizeRow(matrix, r, row);
      for (int i = 0; i < cols; i++) {
        assertThat(row[i]).as("row %d element %d", r, i).isEqualTo(golden.values[r * cols + i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void decodesARunOfBlocksToAnyPlace(WeightType type) throws IOException {
    Golden golden = Golden.of(type);
    int skipped = 256;
    float[] out = new float[7 + 512];
    MemorySegment data = MemorySegment.ofArray(golden.blocks);
    BlockFormats.dequantize(type, data, type.bytes(skipped), 512, out, 7);
    assertThat(out).startsWith(new float[7]);
    for (int i = 0; i < 512; i++) {
      assertThat(out[7 + i]).as("element %d", i).isEqualTo(golden.values[skipped + i]);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16", "Q4_0", "Q8_0"})
  void quantisesBitForBitAsTheReferenceDoes(WeightType type) throws IOException {
    Golden golden = Golden.of(type);
    byte[] out = new byte[golden.quantised.length + 3];
    Quantizers.quantize(type, golden.input, QUANTISED, MemorySegment.ofArray(out), 3);
    assertThat(out).startsWith(0, 0, 0);
    assertThat(
            MemorySegment.ofArray(out).asSlice(3).mismatch(MemorySegment.ofArray(golden.quantised)))
        .as("first differing byte")
        .isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void refusesToQuantiseToWhatItDoesNotSupport(WeightType type) {
    MemorySegment out = MemorySegment.ofArray(new byte[2048]);
    if (Quantizers.supports(type)) {
      Quantizers.quantize(type, new float[256], 256, out, 0);
    } else {
      assertThatThrownBy(() -> Quantizers.quantize(type, new float[256], 256, out, 0))
          .hasMessage("cannot quantise to %s; choose one of F32, F16, BF16, Q4_0, Q8_0", type);
    }
  }
}
