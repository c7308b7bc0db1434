package dev.krafla.engine;

import dev.krafla.engine.TokenEvent.Logprob;
import dev.krafla.engine.sample.CounterRandom;
import dev.krafla.engine.sample.Sampler;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One token to be drawn after a step: for which sequence, from which logits; then the outcome. */
final class Draw {
  final Sequence sequence;
  private final MemorySegment logits;
  private int token;
  private Optional<Logprob> logprob = Optional.empty();
  private @Nullable Throwable failure;

  Draw(Sequence sequence, MemorySegment logits) {
    this.sequence = sequence;
    this.logits = logits;
  }

  /** Draws; what goes wrong is kept for {@link #failure}, as other draws go on. */
  void run(Sampler sampler) {
    Generation generation = sequence.generation;
    Request request = generation.request;
    try {
      double u = CounterRandom.uniform(generation.seed, sequence.choice, sequence.numDrawn());
      token = sampler.draw(logits, request.sampling(), sequence.counts, sequence.mask, u);
      if (request.topLogprobs().isPresent()) {
        logprob = Optional.of(sampler.logprob(logits, token, request.topLogprobs().get()));
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
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
