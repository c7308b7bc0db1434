package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.EndedRequest.Outcome;
import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.ModelInfo.Pooling;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Computes embeddings between the steps of the answers: one pass over the pieces of as many texts
 * as fit, per turn. Texts use blocks of the same pool while they are computed and leave nothing
 * behind. Owned by the engine's thread.
 */
final class Embedder {
  /** One text under way. */
  static final class Job {
    private final int[] tokens;
    private final CompletableFuture<float[]> result;
    private final BlockTable blocks = new BlockTable();
    private int numComputed;
    private final RequestTerms terms;
    private long computeNanos;
    private int charged; // tokens that were computed
    private double[] sum = new double[0];

    Job(int[] tokens, RequestTerms terms, CompletableFuture<float[]> result) {
      this.tokens = tokens;
      this.terms = terms;
      this.result = result;
    }
  }

  /** A piece of a job in this turn: {@code count} tokens, output rows from {@code outputRow} on. */
  private record Piece(Job job, int count, int outputRow, int outputRows) {}

  private final ModelRunner runner;
  private final BlockPool pool;
  private final ModelInfo info;
  private final EngineLimits limits;
  private final Deque<Job> jobs = new ArrayDeque<>();
  private final List<Runnable> outcomes = new ArrayList<>();
  private final EndedListeners ended;
  private List<Piece> lastPieces = List.of();
  private final float[] row;
  private @Nullable Tensor out; // allocated when first needed

  Embedder(
      ModelRunner runner,
      BlockPool pool,
      ModelInfo info,
      EngineLimits limits,
      EndedListeners ended) {
    this.runner = runner;
    this.pool = pool;
    this.info = info;
    this.limits = limits;
    this.ended = ended;
    this.row = new float[info.hiddenSize()];
  }

  void add(Job job) {
    jobs.addLast(job);
  }

  boolean isIdle() {
    return jobs.isEmpty();
  }

  /** Whether a text waits for blocks that running answers hold; none should be admitted then. */
  boolean needsBlocks() {
    return !jobs.isEmpty() && jobs.getFirst().blocks.size() == 0;
  }

  /**
   * Computes the next pieces and completes what is done.
   *
   * @return tokens computed; 0 when all texts wait for blocks
   */
  int turn() {
    List<Piece> pieces = plan();
    lastPieces = pieces;
    if (pieces.isEmpty()) {
      return 0;
    }
    int computed = runner.rows();
    try {
      if (out == null) {
        out = runner.allocate(limits.maxBatchTokens(), info.hiddenSize());
      }
      runner.hidden(out);
      for (Piece piece : pieces) {
        pool(piece, out);
      }
    } catch (RuntimeException | Error e) {
      for (Piece piece : pieces) {
        fail(piece.job, new GenerationFailed("an embedding could not be computed: " + e, e));
      }
    }
    return computed;
  }

  private List<Piece> plan() {
    runner.clear();
    var pieces = new ArrayList<Piece>();
    for (Job job : jobs) {
      int room = limits.maxBatchTokens() - runner.rows();
      if (room == 0 || runner.sequences() == limits.maxSequences() || !cover(job)) {
        break;
      }
      int count = Math.min(job.tokens.length - job.numComputed, room);
      int firstRow = runner.rows();
      runner.add(job.tokens, job.numComputed, count, job.blocks);
      pieces.add(want(job, firstRow, count));
    }
    return pieces;
  }

  private boolean cover(Job job) {
    return job.blocks.size() > 0
        || pool.allocate(job.blocks, (job.tokens.length + BLOCK_TOKENS - 1) / BLOCK_TOKENS);
  }

  private Piece want(Job job, int firstRow, int count) {
    int end = job.numComputed + count;
    int from = 0;
    int to = 0;
    switch (info.embedding()) {
      case MEAN -> to = count;
      case CLS -> to = job.numComputed == 0 ? 1 : 0;
      case LAST -> {
        from = count - 1;
        to = end == job.tokens.length ? count : from;
      }
      case NONE -> throw new IllegalStateException("refused at submit");
    }
    int outputRow = 0;
    for (int i = from; i < to; i++) {
      int output = runner.want(firstRow + i);
      outputRow = i == from ? output : outputRow;
    }
    return new Piece(job, count, outputRow, to - from);
  }

  private void pool(Piece piece, Tensor states) {
    Job job = piece.job;
    if (job.sum.length == 0) {
      job.sum = new double[info.hiddenSize()];
    }
    for (int r = 0; r < piece.outputRows; r++) {
      states.copyRow(piece.outputRow + r, row);
      for (int i = 0; i < row.length; i++) {
        job.sum[i] += row[i];
      }
    }
    job.numComputed += piece.count;
    if (job.numComputed == job.tokens.length) {
      end(job);
      float[] unit = normalised(job.sum);
      outcomes.add(() -> {
        tell(job, Outcome.FINISHED);
        job.result.complete(unit);
      });
    }
  }

  /** To length 1, which makes the mean of a sum too. */
  private static float[] normalised(double[] sum) {
    double squares = 0;
    for (double v : sum) {
      squares += v * v;
    }
    double factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    float[] unit = new float[sum.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sum[i] * factor);
    }
    return unit;
  }

  private void end(Job job) {
    pool.release(job.blocks);
    jobs.remove(job);
  }

  /** Ends all jobs with {@code error}. */
  void failAll(EngineException error) {
    while (!jobs.isEmpty()) {
      fail(jobs.getFirst(), error);
    }
  }

  private void fail(Job job, EngineException error) {
    end(job);
    outcomes.add(() -> {
      tell(job, error instanceof EngineClosed ? Outcome.ABORTED : Outcome.FAILED);
      job.result.completeExceptionally(error);
    });
  }

  /** The last turn took that long: each text has its part, by tokens. */
  void charge(long nanos) {
    int all = lastPieces.stream().mapToInt(Piece::count).sum();
    int counted = 0;
    long before = 0;
    for (Piece piece : lastPieces) {
      counted += piece.count;
      long until = StepShares.partOf(nanos, counted, all);
      piece.job.computeNanos += until - before;
      piece.job.charged += piece.count;
      before = until;
    }
    lastPieces = List.of();
  }

  private void tell(Job job, Outcome how) {
    var work = new RequestWork(job.charged, 0, 0, Duration.ofNanos(job.computeNanos), 0);
    boolean admitted = job.charged > 0;
    var usage = new Usage(job.tokens.length, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, work);
    ended.tell(new EndedRequest(job.terms, how, admitted, usage));
  }

  /** Tells those who wait what has ended since the last call. */
  void deliver() {
    outcomes.forEach(Runnable::run);
    outcomes.clear();
  }

  /** Block tables in use. */
  List<BlockTable> tables() {
    return jobs.stream().map(job -> job.blocks).toList();
  }

  static Pooling requireEmbeddings(ModelInfo info) {
    if (info.embedding() == Pooling.NONE) {
      throw new InvalidRequest(
          "model",
          "model %s was not made for embeddings; serve an embedding model".formatted(info.name()));
    }
    return info.embedding();
  }
}
