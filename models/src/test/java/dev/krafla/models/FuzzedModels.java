package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvType;
import dev.krafla.testing.Allocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** What every damaged model must still do. */
final class FuzzedModels {
  private static final int MAX_MESSAGE = 1500;
  private static final int ROWS = 8;

  /** Heap for a byte of file: "0," of JSON is a node and its place in a list. */
  private static final int HEAP_PER_BYTE = 100;

  private static final long HEAP_FIXED = 8 << 20; // patterns, class loading, error messages

  private FuzzedModels() {}

  /**
   * Reads {@code fileBytes} of file, and checks that it takes no more heap than they justify.
   *
   * @return false where they were refused, clearly
   */
  static boolean withinBounds(long fileBytes, Runnable read) {
    boolean[] refused = {false};
    long allocated = Allocation.bytes(() -> refused[0] = !accepted(read));
    assertThat(allocated).isLessThan(HEAP_FIXED + HEAP_PER_BYTE * fileBytes);
    return !refused[0];
  }

  private static boolean accepted(Runnable read) {
    try {
      read.run();
      return true;
    } catch (ModelException e) {
      checkMessage(e);
      return false;
    }
  }

  /** Something a person can read, whatever the file put into it. */
  static void checkMessage(ModelException e) {
    assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(MAX_MESSAGE);
  }

  /** Loads the model and runs a few tokens; gives false where it was refused instead. */
  static boolean runs(Path path, Kernels kernels, SplittableRandom random) throws IOException {
    LoadOptions options = LoadOptions.defaults().withMaxBatchRows(ROWS);
    try (CausalLm lm = ModelLoader.loadLm(path, kernels, options)) {
      int[] tokens = random.ints(2 * ROWS, 0, lm.info().vocabSize()).toArray();
      int[] rows = {0};
      LogitsDump.run(lm, KvType.F32, ROWS, tokens, (first, count, logits) -> rows[0] += count);
      assertThat(rows[0]).isEqualTo(tokens.length);
      return true;
    } catch (ModelException e) {
      checkMessage(e);
      return false;
    }
  }
}
