package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferClient;
import dev.krafla.engine.transfer.TransferClient.Wanted;
import dev.krafla.engine.transfer.TransferException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A load from another worker, which has computed the prompt. Its last block may be partly filled:
 * the sequence goes on in it. What does not come is computed.
 */
final class Pull extends Load {
  private final Context where;
  private final RemoteKv remote;
  private final KvKey prompt;
  private final int promptTokens;
  private int remoteTokens; // whose KV the other has, once it has said so
  private boolean logitsKnown;
  private Duration took = Duration.ZERO;
  private Optional<TransferException> failure = Optional.empty();

  /** Where it reads from and to, and whom it tells. */
  record Context(
      TransferClient client,
      IntFunction<ByteBuffer[]> blockBytes,
      long bytesOfBlock,
      int logitsBytes,
      Mailbox mailbox) {}

  /**
   * @param prompt stands for the prompt of {@code sequence}
   */
  Pull(Context where, Sequence sequence, int from, int count, RemoteKv remote, KvKey prompt) {
    super(sequence, from, count, where.mailbox);
    this.where = where;
    this.remote = remote;
    this.prompt = prompt;
    this.promptTokens = sequence.numTokens();
  }

  @Override
  void bring() {
    long start = System.nanoTime();
    var slabs = new Slabs();
    try {
      where.client.pull(remote, new Wanted(prompt, promptTokens, from, count), slabs);
    } catch (TransferException e) {
      failure = Optional.of(e);
      slabs.clearHalfWritten();
    }
    took = Duration.ofNanos(System.nanoTime() - start);
  }

  /** Where the parts go. */
  private final class Slabs implements TransferClient.Sink {
    private final MemorySegment logits = Arena.ofAuto().allocate(where.logitsBytes, Float.BYTES);
    private ByteBuffer[] underWay = {};

    @Override
    public void granted(int tokens) {
      remoteTokens = tokens;
    }

    @Override
    public ByteBuffer logitsMemory() {
      return logits.asByteBuffer();
    }

    @Override
    public void logitsCame() {
      logitsKnown = true;
      Pull.this.logitsCame(logits);
    }

    @Override
    public ByteBuffer[] blockMemory(int i) {
      underWay = where.blockBytes.apply(block(i - from));
      return underWay;
    }

    @Override
    public void blockCame() {
      underWay = new ByteBuffer[0];
      came();
    }

    @Override
    public boolean cancelled() {
      return Pull.this.cancelled();
    }

    void clearHalfWritten() {
      clear(underWay);
    }
  }

  @Override
  int soundTokens() {
    int blocks = from + sound();
    int tokens =
        blocks == blocksFor(remoteTokens)
            ? Math.max(remoteTokens, from * BLOCK_TOKENS)
            : blocks * BLOCK_TOKENS;
    // Without logits the last token is computed: a hit covers at most all before it.
    return logitsKnown
        ? Math.min(tokens, promptTokens)
        : Math.min(tokens, (promptTokens - 1) / BLOCK_TOKENS * BLOCK_TOKENS);
  }

  @Override
  int expectedTokens() {
    return Math.min(count * BLOCK_TOKENS, promptTokens - from * BLOCK_TOKENS);
  }

  @Override
  long bytes() {
    return sound() * where.bytesOfBlock + (logitsKnown ? where.logitsBytes : 0);
  }

  RemoteKv remote() {
    return remote;
  }

  /** Known when it has ended. */
  Duration took() {
    return took;
  }

  /** Why not all came; known when it has ended. */
  Optional<TransferException> failure() {
    return failure;
  }
}
