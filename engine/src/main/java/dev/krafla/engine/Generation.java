package dev.krafla.engine;

import dev.krafla.engine.cache.PromptKey;
import dev.krafla.engine.kvstore.KvKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the engine: its stream and its answers. The prompt is computed once,
 * by {@link #trunk}; the other answers branch off when their first tokens are drawn. Owned by the
 * engine's thread.
 */
final class Generation {
  final Request request;
  final LiveStream stream;
  final long seed;
  final long submittedNanos;
  final Optional<Duration> firstTokenWithin;
  final long dueNanos; // of no meaning without a deadline
  final @Nullable PromptKey promptKey; // null: no prefix caching
  final @Nullable KvKey transferKey; // stands for the prompt on other workers; null: it stays here

  /** Answers that are under way: the trunk, later its branches too. */
  final List<Sequence> sequences = new ArrayList<>(1);

  /** Branches that wait for the prompt; empty once they have started. */
  final List<Sequence> branches = new ArrayList<>(0);

  boolean pullTried; // what lies elsewhere was fetched, or is not wanted
  boolean admitted;
  boolean leftQueue;
  boolean ended;
  int unfinished;
  private int cachedTokens;
  private int loadedTokens;
  private int outputTokens;
  private int preemptions;
  private int computedTokens;
  private int draftTokens;
  private int acceptedTokens;
  private long computeNanos;
  private long bytesMoved;
  private Duration queued = Duration.ZERO;
  private Duration firstToken = Duration.ZERO;

  /**
   * @param submittedNanos on the engine's clock
   * @param firstTokenWithin from then on, the time to its first token; absent: it waits
   */
  Generation(
      Request request,
      long seed,
      long submittedNanos,
      Optional<Duration> firstTokenWithin,
      @Nullable PromptKey promptKey,
      @Nullable KvKey transferKey,
      Mailbox mailbox) {
    this.request = request;
    this.stream =
        new LiveStream(request.prompt().length, () -> mailbox.post(new Command.Abort(this)));
    this.seed = seed;
    this.submittedNanos = submittedNanos;
    this.firstTokenWithin = firstTokenWithin;
    this.dueNanos = submittedNanos + firstTokenWithin.orElse(Duration.ZERO).toNanos();
    this.promptKey = promptKey;
    this.transferKey = transferKey;
    this.unfinished = request.choices();
  }

  Sequence trunk() {
    return sequences.getFirst();
  }

  void admit(int cached, long now) {
    admitted = true;
    cachedTokens = cached;
    queued = Duration.ofNanos(now - submittedNanos);
  }

  /** Notes how many of the cached tokens came from a store. */
  void loaded(int tokens, int expected) {
    cachedTokens += tokens - expected;
    loadedTokens = tokens;
  }

  void drew(long now) {
    if (outputTokens++ == 0) {
      firstToken = Duration.ofNanos(now - submittedNanos);
    }
  }

  /** Rows of its own went through the model, or it was in a step all the same. */
  void computed(int rows, long nanos) {
    computedTokens += rows;
    computeNanos += nanos;
  }

  void checked(int drafted, int accepted) {
    draftTokens += drafted;
    acceptedTokens += accepted;
  }

  void moved(long bytes) {
    bytesMoved += bytes;
  }

  /** It ends; if it was never admitted, all its time was spent waiting. */
  void leave(long now) {
    if (!admitted) {
      queued = Duration.ofNanos(now - submittedNanos);
    }
  }

  void preempted() {
    preemptions++;
  }

  Usage usage() {
    return new Usage(
        request.prompt().length,
        cachedTokens,
        loadedTokens,
        outputTokens,
        queued,
        firstToken,
        preemptions,
        new RequestWork(
            computedTokens,
            draftTokens,
            acceptedTokens,
            Duration.ofNanos(computeNanos),
            bytesMoved));
  }
}
