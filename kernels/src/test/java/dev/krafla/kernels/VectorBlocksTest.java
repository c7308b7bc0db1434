package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VectorBlocksTest {
  @ParameterizedTest
  @EnumSource
  void decodesTheSameBitsAsTheScalarTier(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      RawMatrix raw = RandomWeights.of(type, 40, 512, new Random(3), arena);
      float[] expected = new float[512];
      float[] actual = new float[515];
      for (int r = 0; r < raw.rows(); r++) {
        BlockFormats.dequantizeRow(raw, r, expected);
        VectorBlocks.dequantize(type, raw.data(), r * raw.rowBytes(), 512, actual, 3);
        for (int i = 0; i < 512; i++) {
          assertThat(actual[3 + i]).as("row %d element %d", r, i).isEqualTo(expected[i]);
        }
      }
    }
  }
}
