package dev.krafla.engine.constrain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Nfa} made deterministic as it is walked: a state is a set of places in the NFA, each
 * with the frames that its rule returns to. States and frames are shared, so that equal situations
 * are one object, and are dropped together when there are too many of them.
 *
 * <p>Not thread-safe; its owner holds a lock.
 */
final class Automaton {
  /** Bytes of states and token sets kept, as estimated. */
  static final long MAX_BYTES = 48L << 20;

  private static final int STATE_BYTES = 200;
  private static final int PLACE_BYTES = 48;

  /**
   * Places of one state. A pathological expression could have millions: further ones are dropped,
   * which only forbids some texts that would match and never allows one that does not.
   */
  private static final int MAX_PLACES = 2_048;

  /** Where a rule returns to. */
  private record Frame(int returnTo, @Nullable Frame parent, int depth, int id) {}

  private record FrameKey(int returnTo, int parent) {}

  /** A place in the NFA with its frames. */
  private record Place(int state, @Nullable Frame frame) {
    long key() {
      return (long) idOf(frame) << 32 | state;
    }
  }

  private static int idOf(@Nullable Frame frame) {
    return frame == null ? 0 : frame.id;
  }

  private static int depth(@Nullable Frame frame) {
    return frame == null ? 0 : frame.depth;
  }

  /** One deterministic state; {@link #DEAD} has no way on. */
  static final class State {
    private final Place[] places;
    private final boolean accepting;
    private final int plainRun;
    private final @Nullable State[] next;
    private @Nullable TokenSet allowed;

    private State(Place[] places, boolean accepting, int plainRun, int byteClasses) {
      this.places = places;
      this.accepting = accepting;
      this.plainRun = plainRun;
      next = new State[byteClasses];
    }

    /** Whether the text may end here. */
    boolean accepting() {
      return accepting;
    }

    /** How many characters that JSON need not escape may follow, at least. */
    int plainRun() {
      return plainRun;
    }

    /** The tokens that may follow, once {@link Automaton#allow} has said so. */
    @Nullable TokenSet allowed() {
      return allowed;
    }
  }

  static final State DEAD = new State(new Place[0], false, 0, 0);

  private record StateKey(long[] places, boolean accepting) {
    @Override
    public boolean equals(Object o) {
      return o instanceof StateKey(long[] p, boolean a)
          && a == accepting
          && Arrays.equals(p, places);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(places) * 2 + (accepting ? 1 : 0);
    }
  }

  private final Nfa nfa;
  private final Map<StateKey, State> states = new HashMap<>();
  private final Map<FrameKey, Frame> frames = new HashMap<>();
  private int nextFrame = 1; // never reused: states outlive the tables
  private final State start;
  private long work;
  private long bytes;

  Automaton(Nfa nfa) {
    this.nfa = nfa;
    var closure = new Closure();
    closure.add(nfa.start(), null);
    start = closure.state();
  }

  State start() {
    return start;
  }

  /** Memory that states and token sets hold, as estimated. */
  long bytes() {
    return bytes;
  }

  /** Edges looked at since the beginning: what the walks so far have cost. */
  long work() {
    return work;
  }

  /** The state after byte {@code b}. */
  State step(State s, int b) {
    if (s == DEAD) {
      return DEAD;
    }
    int c = nfa.byteClass(b);
    State known = s.next[c];
    if (known == null) {
      known = compute(s, b);
      s.next[c] = known;
    }
    return known;
  }

  private State compute(State s, int b) {
    var closure = new Closure();
    for (Place p : s.places) {
      int end = nfa.firstEdge(p.state + 1);
      for (int e = nfa.firstEdge(p.state); e < end; e++) {
        work++;
        int label = nfa.label(e);
        if (Nfa.isByte(label) && label >>> 8 <= b && b <= (label & 0xFF)) {
          closure.add(nfa.target(e), p.frame);
        }
      }
    }
    return closure.state();
  }

  private State intern(List<Place> places, boolean accepting, int plainRun) {
    if (places.isEmpty() && !accepting) {
      return DEAD;
    }
    long[] keys = new long[places.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = places.get(i).key();
    }
    Arrays.sort(keys);
    var key = new StateKey(keys, accepting);
    State known = states.get(key);
    if (known == null) {
      bytes += STATE_BYTES + 4L * nfa.byteClasses() + (long) PLACE_BYTES * keys.length;
      if (bytes > MAX_BYTES) {
        forget();
      }
      known = new State(places.toArray(Place[]::new), accepting, plainRun, nfa.byteClasses());
      states.put(key, known);
    }
    return known;
  }

  /** Drops what is shared; states that answers stand in live on until these have moved. */
  void forget() {
    states.clear();
    frames.clear();
    Arrays.fill(start.next, null);
    start.allowed = null;
    bytes = 0;
  }

  /** Keeps the tokens that may follow {@code s}. */
  void allow(State s, TokenSet tokens) {
    bytes += tokens.bytes();
    s.allowed = tokens;
  }

  private Frame frame(int returnTo, @Nullable Frame parent) {
    return frames.computeIfAbsent(
        new FrameKey(returnTo, idOf(parent)),
        k -> new Frame(returnTo, parent, depth(parent) + 1, nextFrame++));
  }

  /** Follows empty edges, calls and returns from some places. */
  private final class Closure {
    private final Set<Long> seen = new HashSet<>();
    private final List<Place> found = new ArrayList<>();
    private final List<Place> open = new ArrayList<>();
    private boolean accepting;
    private int plainRun;

    void add(int state, @Nullable Frame frame) {
      if (!completable(state, frame) || seen.size() > 4 * MAX_PLACES) {
        return;
      }
      var place = new Place(state, frame);
      if (seen.add(place.key())) {
        open.add(place);
      }
    }

    private boolean completable(int state, @Nullable Frame frame) {
      int height = nfa.height(state);
      return height != Nfa.DEAD && depth(frame) + height <= Nfa.MAX_DEPTH;
    }

    State state() {
      while (!open.isEmpty() && found.size() < MAX_PLACES) {
        visit(open.removeLast());
      }
      return intern(found, accepting, plainRun);
    }

    private void visit(Place p) {
      if (nfa.endsRule(p.state)) {
        if (p.frame == null) {
          accepting = true;
        } else {
          add(p.frame.returnTo, p.frame.parent);
        }
        return;
      }
      boolean readsBytes = false;
      int end = nfa.firstEdge(p.state + 1);
      for (int e = nfa.firstEdge(p.state); e < end; e++) {
        work++;
        int label = nfa.label(e);
        if (label == Nfa.EPSILON) {
          add(nfa.target(e), p.frame);
        } else if (Nfa.isByte(label)) {
          readsBytes = true;
        } else if (completable(nfa.target(e), p.frame)) {
          boolean tail = nfa.onlyEnds(nfa.target(e)); // nothing to come back for
          add(nfa.startOf(Nfa.calledRule(label)), tail ? p.frame : frame(nfa.target(e), p.frame));
        }
      }
      if (readsBytes) {
        found.add(p);
        plainRun = Math.max(plainRun, nfa.plainRun(p.state));
      }
    }
  }
}
