package dev.krafla.engine;

import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.cache.KeyChain;
import dev.krafla.engine.queue.Claim;
import dev.krafla.engine.sample.AnswerText;
import dev.krafla.engine.sample.TokenCounts;
import dev.krafla.engine.speculate.Acceptance;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One answer in the making: its tokens, and how far its cache has caught up with them. There is no
 * prefill and no decode; {@link #numComputed} chases {@link #numTokens}. Owned by the engine's
 * thread.
 */
final class Sequence implements Claim {
  /** Where a sequence is; {@link Scheduler} moves it. */
  enum State {
    WAITING,
    LOADING, // a load writes to its blocks
    RUNNING,
    FINISHED
  }

  final Generation generation;
  final int choice;
  final BlockTable blocks = new BlockTable();
  final @Nullable KeyChain keys; // null: no prefix caching
  final @Nullable TokenMask mask; // null: no constraint
  final @Nullable TokenCounts counts; // null: no penalty asks for them
  final AnswerText text;
  State state = State.WAITING;
  long arrival; // its place in the order of submission
  long turnNanos; // set while it is in no backlog
  boolean inStep; // Step's
  int numComputed; // tokens whose KV is in the cache
  boolean ended; // its last event is out
  int numPublished; // blocks that were offered to the prefix index
  final Acceptance acceptance = new Acceptance(); // of guesses from its own text
  final Acceptance draftAcceptance = new Acceptance(); // of the draft model's guesses
  boolean guessedByModel; // the guesses are the draft model's
  @Nullable DraftGuesses guesses; // the draft model follows it; null: it does not
  int[] draft = {}; // guesses at the next tokens, numDraft of them
  int numDraft;
  int numAccepted; // of these, tokens that came true
  @Nullable Load load; // while one writes to its blocks
  private ServiceClass serviceClass; // as asked for, or higher
  private int losses;
  private int[] tokens; // prompt, then output
  private int numTokens;

  Sequence(
      Generation generation,
      int choice,
      @Nullable KeyChain keys,
      @Nullable TokenMask mask,
      @Nullable TokenCounts counts,
      AnswerText text) {
    this.generation = generation;
    this.choice = choice;
    this.keys = keys;
    this.mask = mask;
    this.counts = counts;
    this.text = text;
    this.serviceClass = generation.request.terms().serviceClass();
    this.tokens = generation.request.prompt();
    this.numTokens = tokens.length;
  }

  @Override
  public ServiceClass serviceClass() {
    return serviceClass;
  }

  /**
   * It has lost its blocks. Every second time raises its class: what has been driven out often is
   * not driven out for ever.
   */
  void preempted() {
    if (++losses % 2 == 0) {
      serviceClass = serviceClass.raised();
    }
  }

  @Override
  public String tenant() {
    return generation.request.terms().tenant();
  }

  @Override
  public long turnNanos() {
    return turnNanos;
  }

  @Override
  public long arrival() {
    return arrival;
  }

  /** Whether it loses its blocks later than {@code other}: of a higher class, or older in it. */
  boolean outranks(Sequence other) {
    int byClass = serviceClass.compareTo(other.serviceClass);
    return byClass != 0 ? byClass < 0 : arrival < other.arrival;
  }

  /** Tokens of prompt and output. */
  int numTokens() {
    return numTokens;
  }

  /** Output tokens. */
  int numDrawn() {
    return numTokens - generation.request.prompt().length;
  }

  /** Tokens still to compute before the next can be drawn. */
  int missing() {
    return numTokens - numComputed;
  }

  /**
   * Token ids, {@link #numTokens()} in use. Not to be changed: the prompt is the client's array.
   */
  int[] tokens() {
    return tokens;
  }

  int lastToken() {
    return tokens[numTokens - 1];
  }

  void append(int token) {
    if (numTokens == tokens.length) {
      tokens = Arrays.copyOf(tokens, numTokens + Math.max(64, numTokens / 2));
    }
    tokens[numTokens++] = token;
    if (counts != null) {
      counts.addDrawn(token);
    }
  }
}
