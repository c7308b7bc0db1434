package dev.krafla.serving;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.ModelInfo.Pooling;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * A model that answers with a text it was given: what follows the last assistant's token is that
 * text, byte by byte, then the end token. Without an assistant's token it goes on with letters. It
 * reads the tokens back from the KV cache, as a real model does.
 */
final class ScriptedLm implements CausalLm {
  private static final int LAYERS = 1;

  /** Sampling at temperature 1 strays with 10⁻⁴¹ a token; at 20 it did in one of a million. */
  private static final float CERTAIN = 100;

  final BytesTokenizer tokenizer;
  private final ModelInfo info;
  private volatile int[] reply;
  private volatile boolean endless;
  private volatile boolean failing;
  private volatile long nanosPerToken;

  /** Steps that may still run; plenty, unless a test holds the model back. */
  final Semaphore steps = new Semaphore(Integer.MAX_VALUE / 2);

  ScriptedLm(int contextLength) {
    this(contextLength, Pooling.NONE);
  }

  ScriptedLm(int contextLength, Pooling pooling) {
    this(contextLength, pooling, "scripted", new BytesTokenizer());
  }

  ScriptedLm(int contextLength, Pooling pooling, String architecture, BytesTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    reply = tokenizer.encode("Hello there.", false, true);
    info =
        new ModelInfo(
            "scripted",
            architecture,
            "feed",
            tokenizer.vocabSize(),
            4,
            LAYERS,
            contextLength,
            512,
            pooling);
  }

  /** What it answers from now on; special tokens may be written out in it. */
  void reply(String text) {
    reply = tokenizer.encode(text, false, true);
    endless = false;
  }

  /** Answers with letters without end. */
  void endless() {
    endless = true;
  }

  /** Whether every further step fails. */
  void failing(boolean on) {
    failing = on;
  }

  /** Takes at least so long for every token of a step: how a slow machine looks from outside. */
  void takes(Duration perToken) {
    nanosPerToken = perToken.toNanos();
  }

  /** Lets no further step run until {@link Semaphore#release} is called. */
  void hold() {
    steps.drainPermits();
  }

  /** Whether a step waits to be let go on. */
  boolean isHeld() {
    return steps.hasQueuedThreads();
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public KvShape kvShape() {
    return new KvShape(LAYERS, 1, 1);
  }

  @Override
  public void forward(Batch batch, KvCache kv, Tensor logits) {
    steps.acquireUninterruptibly();
    if (failing) {
      throw new IllegalStateException("the scripted model was told to fail");
    }
    long end = System.nanoTime() + batch.layout().rows() * nanosPerToken;
    write(batch, kv);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    for (int i = 0; i < batch.logitCount(); i++) {
      int next = next(tokens(kv, batch, batch.logitRows()[i]));
      for (int token = 0; token < tokenizer.vocabSize(); token++) {
        // Something of every token, so that a constraint always finds one that it allows.
        logits.set(i, token, token == next ? CERTAIN : (token * 37 % 101) / 101f);
      }
    }
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    write(batch, kv);
    for (int i = 0; i < batch.logitCount(); i++) {
      List<Integer> tokens = tokens(kv, batch, batch.logitRows()[i]);
      for (int c = 0; c < info.hiddenSize(); c++) {
        out.set(i, c, tokens.getLast() % (c + 7) + 1);
      }
    }
  }

  private int next(List<Integer> tokens) {
    int written = tokens.size() - 1 - tokens.lastIndexOf(BytesTokenizer.ASSISTANT);
    if (endless || written == tokens.size()) {
      return 'a' + tokens.size() % 26;
    }
    return written < reply.length ? reply[written] : BytesTokenizer.END;
  }

  private static void write(Batch batch, KvCache kv) {
    BatchLayout layout = batch.layout();
    for (int row = 0; row < layout.rows(); row++) {
      kv.slab(0).set(ValueLayout.JAVA_FLOAT, offset(kv, layout.slot(row)), batch.tokens()[row]);
    }
  }

  private static List<Integer> tokens(KvCache kv, Batch batch, int row) {
    BatchLayout layout = batch.layout();
    int sequence = 0;
    while (layout.queryStart(sequence + 1) <= row) {
      sequence++;
    }
    List<Integer> tokens = new ArrayList<>();
    for (int p = 0; p <= layout.position(row); p++) {
      int block = layout.block(sequence, p / KvCache.BLOCK_TOKENS);
      int slot = block * KvCache.BLOCK_TOKENS + p % KvCache.BLOCK_TOKENS;
      tokens.add((int) kv.slab(0).get(ValueLayout.JAVA_FLOAT, offset(kv, slot)));
    }
    return tokens;
  }

  private static long offset(KvCache kv, int slot) {
    return slot / KvCache.BLOCK_TOKENS * kv.blockStride()
        + slot % KvCache.BLOCK_TOKENS * (long) Float.BYTES;
  }

  @Override
  public void close() {}
}
