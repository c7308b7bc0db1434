package dev.krafla.engine;

import dev.krafla.engine.cache.PrefixHasher;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Gives drawn tokens to their answers: branches off those that share a prompt, makes text of
 * tokens, sees where an answer ends, and sends the events. Owned by the engine's thread.
 */
final class OutputProcessor {
  private static final Logger LOG = System.getLogger(OutputProcessor.class.getName());

  private final Scheduler scheduler;
  private final HandOffs handOffs;
  private final Endings endings;
  private final PrefixHasher hasher;
  private final EngineLimits limits;
  private final Set<Integer> endTokens;
  private final LongSupplier clock; // nanoseconds
  private long tokens;

  OutputProcessor(
      Scheduler scheduler,
      HandOffs handOffs,
      Endings endings,
      PrefixHasher hasher,
      EngineLimits limits,
      Set<Integer> endTokens,
      LongSupplier clock) {
    this.scheduler = scheduler;
    this.handOffs = handOffs;
    this.endings = endings;
    this.hasher = hasher;
    this.limits = limits;
    this.endTokens = endTokens;
    this.clock = clock;
  }

  /** Gives drawn tokens to their answers, as far as the guesses that they rest on came true. */
  void take(List<Draw> draws) {
    long now = clock.getAsLong();
    handOffs.lend(draws, now);
    startBranches(draws);
    for (Draw draw : draws) {
      Sequence s = draw.sequence;
      if (!s.generation.ended && !s.ended && draw.stands()) {
        if (draw.ahead > 0) { // the guess before it is a token now, and computed
          s.numComputed++;
          s.numAccepted++;
        }
        take(draw, now);
      }
    }
  }

  /** Gives branches whose first token was drawn a share of what their trunk has computed. */
  private void startBranches(List<Draw> draws) {
    for (Draw draw : draws) {
      Generation generation = draw.sequence.generation;
      if (draw.sequence == generation.trunk()) {
        for (Sequence branch : generation.branches) {
          generation.sequences.add(branch);
          scheduler.branch(draw.sequence, branch);
        }
        generation.branches.clear();
      }
    }
  }

  private void take(Draw draw, long now) {
    Sequence s = draw.sequence;
    Generation generation = s.generation;
    if (draw.failure().isPresent()) {
      Throwable failure = draw.failure().get();
      LOG.log(Level.ERROR, "a token could not be drawn", failure);
      endings.fail(generation, "a token could not be drawn: " + failure.getMessage(), failure);
      return;
    }
    int token = draw.token();
    s.append(token);
    tokens++;
    generation.drew(now);
    boolean isEnd =
        endTokens.contains(token) && (!generation.request.ignoreEndTokens() || s.mask != null);
    if (s.mask != null && !isEnd) {
      s.mask.accept(token);
    }
    String text = isEnd ? s.text.finish() : s.text.add(token);
    Optional<FinishReason> finish = Optional.empty();
    if (isEnd || s.text.stopped()) {
      finish = Optional.of(FinishReason.STOP);
    } else if (s.numDrawn() >= generation.request.maxTokens()
        || s.numTokens() >= limits.maxSequenceTokens()) {
      text += s.text.finish();
      finish = Optional.of(s.text.stopped() ? FinishReason.STOP : FinishReason.LENGTH);
    }
    generation.stream.publish(
        new TokenEvent(s.choice, token, text, draw.logprob(), finish), generation.usage());
    if (finish.isPresent()) {
      finish(s);
    } else if (s.keys != null) {
      hasher.extend(s.keys, s.tokens(), s.numTokens());
    }
  }

  private void finish(Sequence s) {
    Generation generation = s.generation;
    scheduler.finish(s);
    s.ended = true;
    if (--generation.unfinished == 0) {
      endings.finish(generation);
    }
  }

  /** Tokens that answers have got so far. */
  long tokens() {
    return tokens;
  }
}
