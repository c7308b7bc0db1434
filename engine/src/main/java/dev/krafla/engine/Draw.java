package dev.krafla.engine;

import dev.krafla.engine.TokenEvent.Logprob;
import dev.krafla.engine.sample.CounterRandom;
import dev.krafla.engine.sample.Sampler;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One token to be drawn after a step: for which sequence, from which logits; then the outcome. */
final class Draw {
  private static final long KEEP_SALT = 0xBB67AE8584CAA73BL;

  final Sequence sequence;

  /** 0 for the next token; k for the one after the first k guesses, if these come true. */
  final int ahead;

  private final int position; // in the output
  private final MemorySegment logits;
  private final @Nullable MemorySegment guessLogits;
  private int token;
  private Optional<Logprob> logprob = Optional.empty();
  private @Nullable Throwable failure;

  Draw(Sequence sequence, int ahead, MemorySegment logits) {
    this.sequence = sequence;
    this.ahead = ahead;
    this.position = sequence.numDrawn() + ahead;
    this.logits = logits;
    this.guessLogits = guessLogits(sequence, ahead);
  }

  /**
   * What the guess that this draw is to check was drawn from, where the rule of acceptance is to
   * decide over it: not where a seed says which token it has to be, nor where the likeliest is.
   */
  private static @Nullable MemorySegment guessLogits(Sequence s, int ahead) {
    SamplingParams sampling = s.generation.request.sampling();
    boolean chosen = sampling.seed().isPresent() || Sampler.isGreedy(sampling);
    return s.guesses == null || !s.guessedByModel || ahead >= s.numDraft || chosen
        ? null
        : s.guesses.logits[ahead];
  }

  /** Draws; what goes wrong is kept for {@link #failure}, as other draws go on. */
  void run(Sampler sampler) {
    Generation generation = sequence.generation;
    Request request = generation.request;
    try {
      double u = CounterRandom.uniform(generation.seed, sequence.choice, position);
      if (guessLogits == null) {
        token = sampler.draw(logits, request.sampling(), sequence.counts, sequence.mask, u);
      } else {
        double keep = CounterRandom.uniform(generation.seed ^ KEEP_SALT, sequence.choice, position);
        int guess = sequence.draft[ahead];
        token = sampler.check(guess, guessLogits, logits, request.sampling(), keep, u);
      }
      if (request.topLogprobs().isPresent()) {
        logprob = Optional.of(sampler.logprob(logits, token, request.topLogprobs().get()));
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  /** Whether all guesses that its logits rest on have come true. Asked in order of drawing. */
  boolean stands() {
    return ahead == 0
        || (sequence.numDrawn() == position && sequence.lastToken() == sequence.draft[ahead - 1]);
  }

  /** What it is drawn from: {@code float32[vocabSize]}, valid until the next pass. */
  MemorySegment logits() {
    return logits;
  }

  int token() {
    return token;
  }

  Optional<Logprob> logprob() {
    return logprob;
  }

  /** What went wrong, if anything did. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }
}
