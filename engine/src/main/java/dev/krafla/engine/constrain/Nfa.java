package dev.krafla.engine.constrain;

import java.util.Arrays;

/**
 * A nondeterministic automaton over bytes whose rules may call each other, so that it nests as JSON
 * does. Immutable.
 *
 * <p>{@link #height} says for each state how many frames its cheapest way to the end of its rule
 * needs; states without a way are {@link #DEAD} and never entered. This is what makes every text
 * that is allowed so far completable within {@link #MAX_DEPTH} frames.
 */
final class Nfa {
  static final int EPSILON = -1;

  /** Frames a text may nest; JSON takes one or two for each level. */
  static final int MAX_DEPTH = 256;

  /** Height of a state from which no end can be reached. */
  static final int DEAD = Integer.MAX_VALUE;

  private final int rule;
  private final int[] ruleStart;
  private final int[] firstEdge; // [states + 1]
  private final int[] label; // by edge: EPSILON, byteLabel or callLabel
  private final int[] target; // by edge
  private final int[] plainRun; // by state
  private final boolean[] ruleEnd; // by state
  private final boolean[] onlyEnds; // by state: its rule's end is reachable over empty edges
  private final int[] height; // by state
  private final int[] byteClass; // [256]
  private final int byteClasses;

  Nfa(
      int rule,
      int states,
      int[] from,
      int[] labels,
      int[] to,
      int[] plainRun,
      int[] ruleStart,
      int[] ruleEnds) {
    this.rule = rule;
    this.plainRun = plainRun;
    this.ruleStart = ruleStart;
    ruleEnd = new boolean[states];
    for (int end : ruleEnds) {
      ruleEnd[end] = true;
    }
    firstEdge = new int[states + 1];
    for (int s : from) {
      firstEdge[s + 1]++;
    }
    for (int s = 0; s < states; s++) {
      firstEdge[s + 1] += firstEdge[s];
    }
    label = new int[from.length];
    target = new int[from.length];
    int[] fill = Arrays.copyOf(firstEdge, states);
    for (int e = 0; e < from.length; e++) {
      int slot = fill[from[e]]++;
      label[slot] = labels[e];
      target[slot] = to[e];
    }
    byteClass = new int[256];
    byteClasses = classify();
    height = heights(from);
    onlyEnds = new boolean[states];
    findEnding();
  }

  static int byteLabel(int lo, int hi) {
    return lo << 8 | hi;
  }

  static int callLabel(int rule) {
    return -2 - rule;
  }

  static boolean isByte(int label) {
    return label >= 0;
  }

  static int calledRule(int label) {
    return -2 - label;
  }

  int states() {
    return height.length;
  }

  int rules() {
    return ruleStart.length;
  }

  int start() {
    return ruleStart[rule];
  }

  int startOf(int calledRule) {
    return ruleStart[calledRule];
  }

  /** Whether {@code state} ends its rule; such a state has no edges. */
  boolean endsRule(int state) {
    return ruleEnd[state];
  }

  /** Whether {@code state} has nothing left to do but to end its rule. */
  boolean onlyEnds(int state) {
    return onlyEnds[state];
  }

  int firstEdge(int state) {
    return firstEdge[state];
  }

  int label(int edge) {
    return label[edge];
  }

  int target(int edge) {
    return target[edge];
  }

  int height(int state) {
    return height[state];
  }

  int plainRun(int state) {
    return plainRun[state];
  }

  /** Bytes of one class are alike for every edge. */
  int byteClass(int b) {
    return byteClass[b];
  }

  int byteClasses() {
    return byteClasses;
  }

  private int classify() {
    boolean[] cut = new boolean[257];
    for (int l : label) {
      if (isByte(l)) {
        cut[l >>> 8] = true;
        cut[(l & 0xFF) + 1] = true;
      }
    }
    int current = 0;
    for (int b = 0; b < 256; b++) {
      if (b > 0 && cut[b]) {
        current++;
      }
      byteClass[b] = current;
    }
    return current + 1;
  }

  /** Least fixed point, worked backwards from the ends of rules. */
  private int[] heights(int[] unsortedFrom) {
    int states = plainRun.length;
    int[] source = unsortedFrom.clone();
    Arrays.sort(source); // edges are sorted by source
    int[] firstIn = new int[states + 1];
    for (int e = 0; e < label.length; e++) {
      firstIn[target[e] + 1]++;
      if (label[e] < EPSILON) {
        firstIn[startOf(calledRule(label[e])) + 1]++;
      }
    }
    for (int s = 0; s < states; s++) {
      firstIn[s + 1] += firstIn[s];
    }
    int[] in = new int[firstIn[states]]; // edges whose height depends on a state
    int[] fill = Arrays.copyOf(firstIn, states);
    for (int e = 0; e < label.length; e++) {
      in[fill[target[e]]++] = e;
      if (label[e] < EPSILON) {
        in[fill[startOf(calledRule(label[e]))]++] = e;
      }
    }
    int[] best = new int[states];
    Arrays.fill(best, DEAD);
    var work = new IntStack();
    for (int s = 0; s < states; s++) {
      if (ruleEnd[s]) {
        best[s] = 0;
        work.push(s);
      }
    }
    while (!work.isEmpty()) {
      int s = work.pop();
      for (int i = firstIn[s]; i < firstIn[s + 1]; i++) {
        int e = in[i];
        int h = best[target[e]];
        if (label[e] < EPSILON && h != DEAD) {
          int called = best[startOf(calledRule(label[e]))];
          h = called == DEAD ? DEAD : Math.max(h, called + 1);
        }
        if (h < best[source[e]]) {
          best[source[e]] = h;
          work.push(source[e]);
        }
      }
    }
    return best;
  }

  /** Finds states whose only edges are empty ones to such states. */
  private void findEnding() {
    for (int s = 0; s < states(); s++) {
      int at = s;
      int steps = 0;
      while (!ruleEnd[at]
          && firstEdge[at + 1] == firstEdge[at] + 1
          && label[firstEdge[at]] == EPSILON
          && steps++ < 8) {
        at = target[firstEdge[at]];
      }
      onlyEnds[s] = ruleEnd[at];
    }
  }
}
