package dev.krafla.engine;

import dev.krafla.engine.speculate.Acceptance;
import dev.krafla.engine.speculate.NgramDrafter;
import dev.krafla.engine.speculate.StepTimes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many guessed tokens a step checks along with each answer's next one, and whether they
 * come from the answer's own text or from a draft model. A guess that is what would have been drawn
 * anyway saves a step; any other is dropped, so answers are the same with and without. Owned by the
 * engine's thread.
 */
final class Speculation implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Speculation.class.getName());

  /** Guesses in one step: the memory for their logits grows with them. */
  static final int MAX_PER_STEP = 64;

  /** Tokens that an answer is expected to go on for, where it may. */
  private static final int EXPECTED_TOKENS = 128;

  /** Of a step's time, what reading may take of a prompt that the draft model does not know. */
  private static final double READING = 0.5;

  private final int maxPerSequence;
  private final int maxSequenceTokens;
  private final int maxSequences;
  private final StepTimes times = new StepTimes();
  private final List<Sequence> asking = new ArrayList<>();
  private final Acceptance ofAllDrafts = new Acceptance();
  private @Nullable DraftRunner drafts;
  private int inStep;
  private long drafted;
  private long accepted;
  private long draftedByModel;
  private long acceptedByModel;

  /**
   * @param limits most guesses for one answer in one step, 0 for none; most tokens of one
   * @param drafts the draft model; null: there is none. Closed with this
   */
  Speculation(EngineLimits limits, @Nullable DraftRunner drafts) {
    this.maxPerSequence = limits.maxDraftTokens();
    this.maxSequenceTokens = limits.maxSequenceTokens();
    this.maxSequences = limits.maxSequences();
    this.drafts = drafts;
  }

  /**
   * A new step is being put together, of those {@code running}: the draft model guesses for whom
   * that pays.
   */
  void beginStep(List<Sequence> running) {
    inStep = 0;
    for (Sequence s : running) {
      s.numDraft = 0;
      s.numAccepted = 0;
    }
    if (drafts != null) {
      drafts.begin();
      if (running.size() < maxSequences && times.isKnown()) { // a full house has rows enough
        askModel(running, drafts);
      }
    }
  }

  private void askModel(List<Sequence> running, DraftRunner model) {
    int rows = (int) running.stream().filter(s -> s.missing() == 1).count();
    asking.clear();
    int left = MAX_PER_STEP;
    for (Sequence s : running) {
      int max = Math.min(most(s, left), left);
      if (s.missing() == 1 && max > 0 && model.fits(s, max)) {
        int worth = worthOfModel(s, model, rows, max);
        if (worth > 0) {
          growDraft(s);
          model.want(s, worth);
          asking.add(s);
          left -= worth;
        }
      }
    }
    if (asking.isEmpty()) {
      ofAllDrafts.rest();
      return;
    }
    try {
      model.guess(asking, model.readsIn(READING * times.nanos(rows)));
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "the draft model failed; answers go on without it", e);
      running.forEach(model::forget);
      model.close();
      drafts = null;
    }
  }

  /** Guesses of the model that are worth their time, where they are more so than the text's own. */
  private int worthOfModel(Sequence s, DraftRunner model, int rows, int max) {
    if (s.guesses == null && s.draftAcceptance.isNew()) {
      s.draftAcceptance.begin(ofAllDrafts);
    }
    double perRow = times.nanos(rows) / rows;
    double passes = model.passNanos(rows) / rows; // each pass serves all who guess
    double breakEven = times.breakEven(rows, passes);
    int worth = s.draftAcceptance.worth(breakEven, max);
    double gain = s.draftAcceptance.gain(breakEven, worth);
    if (worth == 0 || gain <= gainOfText(s, rows, max)) {
      return 0;
    }
    int lag = model.lag(s);
    if (lag <= DraftRunner.MOST_LAG) {
      return worth;
    }
    int remaining = Math.min(s.generation.request.maxTokens() - s.numDrawn(), EXPECTED_TOKENS);
    double steps = remaining / (1 + s.draftAcceptance.expected(worth));
    return lag * model.readNanos() < gain * perRow * steps ? worth : 0;
  }

  private double gainOfText(Sequence s, int rows, int max) {
    growDraft(s);
    double breakEven = times.breakEven(rows);
    int worth = s.acceptance.worth(breakEven, max);
    return worth > 0 && NgramDrafter.draft(s.tokens(), s.numTokens(), 1, s.draft) > 0
        ? s.acceptance.gain(breakEven, worth)
        : 0;
  }

  /** Most guesses for {@code s} where there is room for {@code room}. */
  private int most(Sequence s, int room) {
    // A mask or a penalty would have to take each guess in before the next can be drawn.
    if (maxPerSequence == 0 || s.mask != null || s.counts != null) {
      return 0;
    }
    int max = Math.min(maxPerSequence, room);
    max = Math.min(max, s.generation.request.maxTokens() - s.numDrawn() - 1);
    return Math.min(max, maxSequenceTokens - s.numTokens());
  }

  private void growDraft(Sequence s) {
    if (s.draft.length < maxPerSequence) {
      s.draft = new int[maxPerSequence];
    }
  }

  /**
   * Guesses what follows {@code s}, at most {@code room} tokens, in a step that has {@code rows}
   * rows already. Returns how many tokens are in {@code s.draft} then.
   */
  int draft(Sequence s, int rows, int room) {
    int max = most(s, Math.min(MAX_PER_STEP - inStep, room));
    if (max <= 0) {
      s.numDraft = 0;
      return 0;
    }
    DraftGuesses guesses = s.guesses;
    if (guesses != null && guesses.made > 0) {
      s.numDraft = Math.min(guesses.made, max);
      s.guessedByModel = true;
    } else {
      int worth = s.acceptance.worth(times.breakEven(rows), max);
      if (worth == 0) {
        return 0;
      }
      growDraft(s);
      s.numDraft = NgramDrafter.draft(s.tokens(), s.numTokens(), worth, s.draft);
      s.guessedByModel = false;
    }
    inStep += s.numDraft;
    return s.numDraft;
  }

  /** Takes in how the guesses for {@code s} fared. */
  void checked(Sequence s) {
    drafted += s.numDraft;
    accepted += s.numAccepted;
    DraftGuesses guesses = s.guesses;
    if (s.guessedByModel) {
      draftedByModel += s.numDraft;
      acceptedByModel += s.numAccepted;
      s.draftAcceptance.checked(s.numDraft, s.numAccepted);
      ofAllDrafts.checked(s.numDraft, s.numAccepted);
      if (guesses != null) {
        guesses.checked(s.numAccepted);
      }
    } else {
      s.acceptance.checked(s.numDraft, s.numAccepted);
    }
  }

  /** Nothing will be guessed for {@code s} before it runs again. */
  void forget(Sequence s) {
    if (drafts != null) {
      drafts.forget(s);
    }
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

  /** Of {@link #drafted}, guesses of the draft model. */
  long draftedByModel() {
    return draftedByModel;
  }

  long acceptedByModel() {
    return acceptedByModel;
  }

  /**
   * Checks the draft model's blocks.
   *
   * @throws IllegalStateException naming what is wrong
   */
  void checkIntegrity() {
    if (drafts != null) {
      drafts.checkIntegrity();
    }
  }

  @Override
  public void close() {
    if (drafts != null) {
      drafts.close();
    }
  }
}
