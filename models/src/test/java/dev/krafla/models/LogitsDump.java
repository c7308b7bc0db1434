package dev.krafla.models;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.kernels.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;

/**
 * Runs one sequence through a model teacher-forced, for comparison with a reference. As a program
 * ({@code tools/compare_reference.py} starts it) it reads int32 tokens from one file and writes the
 * float32 logits of every position to another.
 */
final class LogitsDump {
  private LogitsDump() {}

  /**
   * Hears the logits of each step: rows {@code 0 … count - 1} belong to positions from {@code
   * first} on.
   */
  interface Listener {
    void step(int first, int count, Tensor logits) throws IOException;
  }

  /** MODEL TIER KV_TYPE CHUNK TOKENS LOGITS. */
  public static void main(String[] args) throws IOException {
    int chunk = Integer.parseInt(args[3]);
    int[] tokens = readTokens(Path.of(args[4]));
    try (Kernels kernels = TestKernels.named(args[1]);
        CausalLm lm =
            ModelLoader.loadLm(
                Path.of(args[0]), kernels, LoadOptions.defaults().withMaxBatchRows(chunk));
        FileChannel out =
            FileChannel.open(
                Path.of(args[5]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      System.out.println("tier " + kernels.tier());
      run(
          lm,
          KvType.valueOf(args[2]),
          chunk,
          tokens,
          (first, count, logits) -> {
            for (int i = 0; i < count; i++) {
              ByteBuffer row = logits.slice(i, 1).data().asByteBuffer();
              while (row.hasRemaining()) {
                out.write(row);
              }
            }
          });
    }
  }

  /** Gives {@code tokens} to {@code lm} in steps of at most {@code chunk}, wanting all logits. */
  static void run(CausalLm lm, KvType kvType, int chunk, int[] tokens, Listener listener)
      throws IOException {
    int blocks = Math.ceilDiv(tokens.length, KvCache.BLOCK_TOKENS);
    // Blocks in descending order: a kernel that ignores the block table cannot pass.
    int[] table = IntStream.range(0, blocks).map(i -> blocks - 1 - i).toArray();
    int[] rows = IntStream.range(0, chunk).toArray();
    try (Arena arena = Arena.ofShared()) {
      KvCache kv = new KvCache(lm.kvShape(), kvType, blocks, arena);
      BatchLayout layout = new BatchLayout(arena, chunk, 1, blocks);
      Tensor logits = Tensor.allocate(arena, chunk, lm.info().vocabSize());
      for (int first = 0; first < tokens.length; first += chunk) {
        int count = Math.min(chunk, tokens.length - first);
        layout.clear();
        layout.addSequence(first, count, table, blocks);
        int[] step = java.util.Arrays.copyOfRange(tokens, first, first + count);
        lm.forward(new Batch(layout, step, rows, count), kv, logits);
        listener.step(first, count, logits);
      }
    }
  }

  private static int[] readTokens(Path path) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int[] tokens = new int[bytes.remaining() / Integer.BYTES];
    bytes.asIntBuffer().get(tokens);
    return tokens;
  }
}
