package dev.krafla.engine.constrain;

import dev.krafla.engine.TokenMask;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;

/**
 * A constraint with a vocabulary: what every answer under it shares. Thread-safe; answers lock it
 * for the short time of a step.
 */
final class CompiledConstraint {
  /** States whose tokens are found at compile time, away from the engine's thread. */
  private static final int WARM_STATES = 256;

  private static final long WARM_WORK = 2_000_000;

  private final Automaton automaton;
  private final Vocabulary vocabulary;

  CompiledConstraint(Nfa nfa, Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    automaton = new Automaton(nfa);
    warm();
  }

  /** Finds the tokens of the states nearest to the start. */
  private void warm() {
    var queue = new ArrayDeque<Automaton.State>();
    var seen = new HashSet<Automaton.State>();
    queue.add(automaton.start());
    seen.add(automaton.start());
    int warmed = 0;
    while (!queue.isEmpty() && warmed++ < WARM_STATES && automaton.work() < WARM_WORK) {
      Automaton.State s = queue.remove();
      tokens(s);
      for (int b = 0; b < 256; b++) {
        Automaton.State next = automaton.step(s, b);
        if (next != Automaton.DEAD && seen.add(next)) {
          queue.add(next);
        }
      }
    }
  }

  private TokenSet tokens(Automaton.State s) {
    TokenSet known = s.allowed();
    if (known == null) {
      known = vocabulary.allowed(automaton, s);
      automaton.allow(s, known);
    }
    return known;
  }

  /** Memory it holds, as estimated. */
  synchronized long bytes() {
    return automaton.bytes();
  }

  /** A new answer. */
  TokenMask start() {
    return new Answer();
  }

  private final class Answer implements TokenMask {
    private Automaton.State state = automaton.start();
    private boolean ended;

    @Override
    public void allowed(long[] bits) {
      boolean mayEnd = ended;
      if (ended) {
        Arrays.fill(bits, 0);
      } else {
        synchronized (CompiledConstraint.this) {
          TokenSet tokens = tokens(state);
          tokens.write(bits);
          // A vocabulary without a token for some byte can leave nothing: better end than hang.
          mayEnd = state.accepting() || tokens.isEmpty();
        }
      }
      if (mayEnd) {
        for (int end : vocabulary.ends()) {
          bits[end >> 6] |= 1L << end;
        }
      }
    }

    @Override
    public void accept(int token) {
      if (vocabulary.isEnd(token)) {
        ended = true;
        return;
      }
      synchronized (CompiledConstraint.this) {
        for (byte b : vocabulary.bytes(token)) {
          state = automaton.step(state, b & 0xFF);
        }
      }
      if (state == Automaton.DEAD || ended) {
        throw new IllegalStateException(
            "token %d was not among the allowed ones; only such may be accepted".formatted(token));
      }
    }

    @Override
    public boolean complete() {
      return state.accepting();
    }
  }
}
