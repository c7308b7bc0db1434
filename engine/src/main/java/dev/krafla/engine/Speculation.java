package dev.krafla.engine;

import dev.krafla.engine.speculate.NgramDrafter;
import dev.krafla.engine.speculate.StepTimes;

/**
 * Decides how many guessed tokens a step checks along with each answer's next one. A guess that is
 * what would have been drawn anyway saves a step; any other is dropped, so answers are the same
 * with and without. Owned by the engine's thread.
 */
final class Speculation {
  /** Guesses in one step: the memory for their logits grows with them. */
  private static final int MAX_PER_STEP = 64;

  private final int maxPerSequence;
  private final int maxSequenceTokens;
  private final StepTimes times = new StepTimes();
  private int inStep;
  private long drafted;
  private long accepted;

  /**
   * @param maxPerSequence most guesses for one answer in one step; 0: none
   * @param maxSequenceTokens most tokens of a sequence
   */
  Speculation(int maxPerSequence, int maxSequenceTokens) {
    this.maxPerSequence = maxPerSequence;
    this.maxSequenceTokens = maxSequenceTokens;
  }

  /** A new step is being put together. */
  void beginStep() {
    inStep = 0;
  }

  /**
   * Guesses what follows {@code s}, at most {@code room} tokens, in a step that has {@code rows}
   * rows already. Returns how many tokens are in {@code s.draft} then.
   */
  int draft(Sequence s, int rows, int room) {
    s.numDraft = 0;
    s.numAccepted = 0;
    // A mask or a penalty would have to take each guess in before the next can be drawn.
    if (maxPerSequence == 0 || s.mask != null || s.counts != null) {
      return 0;
    }
    int max = Math.min(Math.min(maxPerSequence, MAX_PER_STEP - inStep), room);
    max = Math.min(max, s.generation.request.maxTokens() - s.numDrawn() - 1);
    max = Math.min(max, maxSequenceTokens - s.numTokens());
    if (max <= 0) {
      return 0;
    }
    int worth = s.acceptance.worth(times.breakEven(rows), max);
    if (worth == 0) {
      return 0;
    }
    if (s.draft.length < maxPerSequence) {
      s.draft = new int[maxPerSequence];
    }
    s.numDraft = NgramDrafter.draft(s.tokens(), s.numTokens(), worth, s.draft);
    inStep += s.numDraft;
    return s.numDraft;
  }

  /** Takes in how the guesses for {@code s} fared. */
  void checked(Sequence s) {
    drafted += s.numDraft;
    accepted += s.numAccepted;
    s.acceptance.checked(s.numDraft, s.numAccepted);
  }

  /** A step took that long in which every answer had one token to compute, and guesses. */
  void timed(int rows, long nanos) {
    times.observe(rows, nanos);
  }

  long drafted() {
    return drafted;
  }

  long accepted() {
    return accepted;
  }
}
