package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every architecture against transformers, from both kinds of files. */
class GoldenModelsTest {
  private static final float TOLERANCE = 1e-4f;

  static Stream<Arguments> modelsAndChunks() {
    // One step, single tokens, and chunks that end inside cache blocks and windows.
    return GoldenModel.NAMES.stream()
        .flatMap(name -> Stream.of(128, 1, 23).map(chunk -> Arguments.of(name, chunk)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndChunks")
  void huggingFaceFolderGivesTheLogitsOfTransformers(String name, int chunk) throws IOException {
    GoldenModel golden = GoldenModel.read(name);
    assertThat(greatestDifference(golden, golden.folder(), chunk)).isLessThan(TOLERANCE);
  }

  @ParameterizedTest
  @FieldSource("dev.krafla.models.GoldenModel#NAMES")
  void ggufFileGivesTheLogitsOfTransformers(String name, @TempDir Path temp) throws IOException {
    GoldenModel golden = GoldenModel.read(name);
    Path gguf = temp.resolve(name + ".gguf");
    GoldenGguf.convert(golden.folder(), gguf);
    assertThat(greatestDifference(golden, gguf, 128)).isLessThan(TOLERANCE);
  }

  private static float greatestDifference(GoldenModel golden, Path path, int chunk)
      throws IOException {
    float[] worst = {0};
    try (Kernels kernels = TestKernels.scalar();
        CausalLm lm =
            ModelLoader.loadLm(path, kernels, LoadOptions.defaults().withMaxBatchRows(chunk))) {
      assertThat(lm.info().vocabSize()).isEqualTo(golden.logits()[0].length);
      LogitsDump.run(
          lm,
          KvType.F32,
          chunk,
          golden.tokens(),
          (first, count, logits) -> {
            for (int i = 0; i < count; i++) {
              for (int t = 0; t < logits.cols(); t++) {
                float difference = Math.abs(logits.get(i, t) - golden.logits()[first + i][t]);
                // Not Math.max: it must not lose a NaN.
                worst[0] = difference <= worst[0] ? worst[0] : difference;
              }
            }
          });
    }
    return worst[0];
  }
}
