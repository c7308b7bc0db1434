package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.ModelInfo.Pooling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A model whose next token is a hash of all tokens before it, as it reads them back from the KV
 * cache through the block tables: a wrong, stale, shared or uncopied block gives another answer. In
 * every layer it writes a token's id as key and its position as value, and checks both when it
 * reads.
 */
final class FakeLm implements CausalLm {
  static final int VOCAB = 101;
  private static final int LAYERS = 2;

  private final ModelInfo info;
  volatile boolean failNext;
  long rowsComputed;
  final long[] rowsOfToken = new long[VOCAB];

  FakeLm(int contextLength, int maxBatchRows) {
    this(contextLength, maxBatchRows, Pooling.NONE);
  }

  FakeLm(int contextLength, int maxBatchRows, Pooling pooling) {
    this(contextLength, maxBatchRows, pooling, "0123");
  }

  FakeLm(int contextLength, int maxBatchRows, Pooling pooling, String digest) {
    info =
        new ModelInfo(
            "fake", "fake", digest, VOCAB, 4, LAYERS, contextLength, maxBatchRows, pooling);
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public KvShape kvShape() {
    return new KvShape(LAYERS, 1, 1);
  }

  /** Bytes of a cache of {@code blocks} blocks. */
  static long kvBytes(int blocks) {
    return blocks * (long) LAYERS * 2 * KvCache.BLOCK_TOKENS * Float.BYTES;
  }

  @Override
  public void forward(Batch batch, KvCache kv, Tensor logits) {
    write(batch, kv);
    for (int i = 0; i < batch.logitCount(); i++) {
      long hash = hashThrough(kv, batch, batch.logitRows()[i]);
      for (int token = 0; token < VOCAB; token++) {
        logits.set(i, token, logit(hash, token));
      }
    }
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    write(batch, kv);
    for (int i = 0; i < batch.logitCount(); i++) {
      long hash = hashThrough(kv, batch, batch.logitRows()[i]);
      for (int c = 0; c < info.hiddenSize(); c++) {
        out.set(i, c, logit(hash, c));
      }
    }
  }

  private void write(Batch batch, KvCache kv) {
    BatchLayout layout = batch.layout();
    assertThat(layout.rows()).isBetween(1, info.maxBatchRows());
    rowsComputed += layout.rows();
    for (int row = 0; row < layout.rows(); row++) {
      rowsOfToken[batch.tokens()[row]]++;
      for (int layer = 0; layer < LAYERS; layer++) {
        set(kv, layer, layout.slot(row), batch.tokens()[row], layout.position(row));
      }
    }
    if (failNext) {
      failNext = false;
      throw new IllegalStateException("the fake model was told to fail");
    }
  }

  private static long hashThrough(KvCache kv, Batch batch, int row) {
    BatchLayout layout = batch.layout();
    int sequence = 0;
    while (layout.queryStart(sequence + 1) <= row) {
      sequence++;
    }
    long hash = SEED;
    for (int p = 0; p <= layout.position(row); p++) {
      int slot =
          layout.block(sequence, p / KvCache.BLOCK_TOKENS) * KvCache.BLOCK_TOKENS
              + p % KvCache.BLOCK_TOKENS;
      int token = key(kv, 0, slot);
      for (int layer = 0; layer < LAYERS; layer++) {
        if (key(kv, layer, slot) != token || value(kv, layer, slot) != p) {
          throw new IllegalStateException(
              "position %d of sequence %d reads what was written for position %d"
                  .formatted(p, sequence, value(kv, layer, slot)));
        }
      }
      hash = next(hash, token);
    }
    return hash;
  }

  private static final long SEED = 42;

  private static long next(long hash, int token) {
    long z = (hash ^ token) * 0xBF58476D1CE4E5B9L;
    return (z ^ (z >>> 29)) * 0x94D049BB133111EBL;
  }

  /** What the model says about {@code token} after tokens of this hash. */
  private static float logit(long hash, int token) {
    return (next(hash, token + 1000) >>> 40) * 0x1p-24f * 8;
  }

  /** The logits after {@code tokens}, computed without any cache. */
  static void logitsAfter(List<Integer> tokens, MemorySegment row) {
    long hash = SEED;
    for (int token : tokens) {
      hash = next(hash, token);
    }
    for (int token = 0; token < VOCAB; token++) {
      row.setAtIndex(ValueLayout.JAVA_FLOAT, token, logit(hash, token));
    }
  }

  private static void set(KvCache kv, int layer, int slot, int token, int position) {
    long at = offset(kv, slot);
    kv.slab(layer).set(ValueLayout.JAVA_FLOAT, at, token);
    kv.slab(layer).set(ValueLayout.JAVA_FLOAT, at + kv.valueOffset(), position);
  }

  private static int key(KvCache kv, int layer, int slot) {
    return (int) kv.slab(layer).get(ValueLayout.JAVA_FLOAT, offset(kv, slot));
  }

  private static int value(KvCache kv, int layer, int slot) {
    return (int) kv.slab(layer).get(ValueLayout.JAVA_FLOAT, offset(kv, slot) + kv.valueOffset());
  }

  private static long offset(KvCache kv, int slot) {
    return slot / KvCache.BLOCK_TOKENS * kv.blockStride()
        + slot % KvCache.BLOCK_TOKENS * (long) Float.BYTES;
  }

  @Override
  public void close() {}
}
