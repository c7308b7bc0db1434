package dev.krafla.engine;

import dev.krafla.engine.cache.PromptKey;
import dev.krafla.engine.sample.Sampler;
import dev.krafla.kernels.ComputePool;
import dev.krafla.models.CausalLm;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Turns a step into drawn tokens: computes it, keeps the logits at the ends of prompts, and draws
 * on all compute threads. What the draws come to for their answers is the loop's business. Owned by
 * the engine's thread.
 */
final class TokenDrawer {
  private final ModelRunner runner;
  private final ComputePool pool;
  private final PromptLogits promptLogits;
  private final KvTiers tiers;
  private final Sampler[] samplers; // by member of the pool

  TokenDrawer(CausalLm lm, ModelRunner runner, EngineLimits limits, KvTiers tiers) {
    int vocabSize = lm.info().vocabSize();
    this.runner = runner;
    this.pool = lm.pool();
    this.tiers = tiers;
    this.promptLogits =
        new PromptLogits(limits.promptLogits(), () -> runner.allocate(1, vocabSize).data());
    this.samplers = new Sampler[pool.size()];
    Arrays.setAll(samplers, member -> new Sampler(vocabSize));
  }

  /** Whether the logits at the end of the prompt of {@code s} are at hand. */
  boolean knows(Sequence s) {
    return known(s).isPresent();
  }

  private Optional<MemorySegment> known(Sequence s) {
    return Optional.ofNullable(s.generation.promptKey).flatMap(promptLogits::find);
  }

  /** Keeps logits at the end of a prompt that were computed another time, in all stores too. */
  void remember(PromptKey prompt, MemorySegment logits) {
    promptLogits.put(prompt, logits);
    tiers.keepLogits(prompt, logits);
  }

  /** Forgets the logits of all prompts. */
  void forgetPrompts() {
    promptLogits.clear();
  }

  /** The first tokens of prompts that were computed before: they wait for no forward pass. */
  List<Draw> drawKnown(List<Sequence> repeats) {
    var draws = new ArrayList<Draw>(repeats.size());
    for (Sequence s : repeats) {
      addDraws(draws, s, known(s).orElseThrow());
    }
    drawAll(draws);
    return draws;
  }

  /** The first token of {@code s}, from logits that came from elsewhere. */
  List<Draw> drawFrom(Sequence s, MemorySegment logits) {
    var draws = new ArrayList<Draw>();
    addDraws(draws, s, logits);
    drawAll(draws);
    return draws;
  }

  /** Computes {@code step}; gives the tokens that could be drawn then, in order of the step. */
  List<Draw> compute(Step step) {
    forward(step);
    var draws = new ArrayList<Draw>(step.size());
    int output = 0;
    for (int i = 0; i < step.size(); i++) {
      if (step.draws(i)) {
        Sequence s = step.sequence(i);
        MemorySegment logits = runner.logits(output++);
        addDraws(draws, s, logits);
        if (s.numDrawn() == 0 && s.generation.promptKey != null) {
          promptLogits.put(s.generation.promptKey, logits);
          tiers.keepLogits(s.generation.promptKey, logits);
        }
        for (int ahead = 1; ahead <= step.draft(i); ahead++) {
          draws.add(new Draw(s, ahead, runner.logits(output++)));
        }
      }
    }
    drawAll(draws);
    return draws;
  }

  private void forward(Step step) {
    runner.clear();
    for (int i = 0; i < step.size(); i++) {
      Sequence s = step.sequence(i);
      runner.add(s.tokens(), s.numComputed, step.count(i), s.draft, step.draft(i), s.blocks);
      if (step.draws(i)) {
        for (int ahead = step.draft(i); ahead >= 0; ahead--) {
          runner.want(runner.rows() - 1 - ahead);
        }
      }
    }
    runner.forward();
  }

  /** One draw for {@code s}, and one for each answer that shares its prompt and begins with it. */
  private static void addDraws(List<Draw> draws, Sequence s, MemorySegment logits) {
    draws.add(new Draw(s, 0, logits));
    for (Sequence branch : s.generation.branches) {
      draws.add(new Draw(branch, 0, logits));
    }
  }

  /** Draws are independent of each other: every thread that computes takes its share. */
  private void drawAll(List<Draw> draws) {
    if (draws.size() == 1) {
      draws.getFirst().run(samplers[0]);
      return;
    }
    pool.run((member, members) -> {
      for (int i = member; i < draws.size(); i += members) {
        draws.get(i).run(samplers[member]);
      }
    });
  }
}
