package dev.krafla.engine.constrain;

import dev.krafla.engine.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws an {@link Nfa}: states, edges over bytes, empty edges and calls of rules. All methods that
 * take {@code from} and {@code to} add whatever accepts the thing between these two states, so that
 * alternatives are several calls with the same pair.
 */
final class NfaBuilder {
  /** Most states of one constraint: some tens of megabytes with its deterministic states. */
  static final int MAX_STATES = 100_000;

  private static final int MAX_EDGES = 1_000_000;

  private int states;
  private int edges;
  private int[] from = new int[256];
  private int[] label = new int[256];
  private int[] to = new int[256];
  private int[] plainRun = new int[256];
  private int rules;
  private int[] ruleStart = new int[16];
  private int[] ruleEnd = new int[16];
  private final Map<Regex, Integer> sharedRegex = new HashMap<>();

  int state() {
    if (states == MAX_STATES) {
      throw tooLarge("states", MAX_STATES);
    }
    if (states == plainRun.length) {
      plainRun = Arrays.copyOf(plainRun, states * 2);
    }
    return states++;
  }

  void bytes(int source, int lo, int hi, int target) {
    edge(source, Nfa.byteLabel(lo, hi), target);
  }

  void epsilon(int source, int target) {
    edge(source, Nfa.EPSILON, target);
  }

  /** Accepts what {@code rule} accepts. */
  void call(int source, int rule, int target) {
    edge(source, Nfa.callLabel(rule), target);
  }

  private void edge(int source, int edgeLabel, int target) {
    if (edges == MAX_EDGES) {
      throw tooLarge("edges", MAX_EDGES);
    }
    if (edges == from.length) {
      from = Arrays.copyOf(from, edges * 2);
      label = Arrays.copyOf(label, edges * 2);
      to = Arrays.copyOf(to, edges * 2);
    }
    from[edges] = source;
    label[edges] = edgeLabel;
    to[edges++] = target;
  }

  private static InvalidRequest tooLarge(String what, int limit) {
    return new InvalidRequest(
        "response_format",
        "the constraint needs more than %,d automaton %s; use smaller repetition counts, maxLength, maxItems or enums"
            .formatted(limit, what));
  }

  /** A rule with fresh start and end states; callable before it is drawn. */
  int rule() {
    if (rules == ruleStart.length) {
      ruleStart = Arrays.copyOf(ruleStart, rules * 2);
      ruleEnd = Arrays.copyOf(ruleEnd, rules * 2);
    }
    ruleStart[rules] = state();
    ruleEnd[rules] = state();
    return rules++;
  }

  int start(int rule) {
    return ruleStart[rule];
  }

  int end(int rule) {
    return ruleEnd[rule];
  }

  /**
   * Promises that from {@code state} any run of up to {@code length} characters that JSON strings
   * need not escape is accepted one by one.
   */
  void plainRun(int state, int length) {
    plainRun[state] = length;
  }

  void literal(int source, String text, int target) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int at = source;
    for (int i = 0; i < bytes.length; i++) {
      int next = i == bytes.length - 1 ? target : state();
      bytes(at, bytes[i] & 0xFF, bytes[i] & 0xFF, next);
      at = next;
    }
    if (bytes.length == 0) {
      epsilon(source, target);
    }
  }

  /** One character of {@code chars} in UTF-8. */
  void chars(int source, CharClass chars, int target) {
    var shared = new HashMap<Long, Integer>();
    for (CharClass.Range r : chars.ranges()) {
      for (int[] sequence : Utf8Ranges.of(r.lo(), r.hi())) {
        byteSequence(source, sequence, target, shared);
      }
    }
  }

  /**
   * {@code sequence}: low, high of each byte in turn. {@code shared}: states by what follows them.
   */
  private void byteSequence(int source, int[] sequence, int target, Map<Long, Integer> shared) {
    int next = target;
    long suffix = 1;
    for (int i = sequence.length - 2; i > 0; i -= 2) {
      suffix = suffix << 16 | sequence[i] << 8 | sequence[i + 1];
      Integer known = shared.get(suffix);
      if (known == null) {
        known = state();
        bytes(known, sequence[i], sequence[i + 1], next);
        shared.put(suffix, known);
      }
      next = known;
    }
    bytes(source, sequence[0], sequence[1], next);
  }

  /**
   * Accepts {@code regex}; {@code json} has characters as in a JSON string, escaped where needed.
   */
  void regex(int source, Regex regex, boolean json, int target) {
    switch (regex) {
      case Regex.Chars(CharClass chars) -> {
        if (json) {
          JsonRules.stringChars(this, source, chars, target);
        } else {
          chars(source, chars, target);
        }
      }
      case Regex.Seq(List<Regex> parts) -> {
        int at = source;
        for (int i = 0; i < parts.size(); i++) {
          int next = i == parts.size() - 1 ? target : state();
          regex(at, parts.get(i), json, next);
          at = next;
        }
        if (parts.isEmpty()) {
          epsilon(source, target);
        }
      }
      case Regex.Alt(List<Regex> branches) -> branches.forEach(b -> regex(source, b, json, target));
      case Regex.Repeat(Regex body, int min, int max) -> {
        int part = shared(body, json);
        repeat(source, min, max, target, (a, b) -> call(a, part, b));
      }
      case Regex.Anchor _ -> throw new IllegalStateException("the parser leaves no anchors");
    }
  }

  /**
   * The rule of a repeated part: counted copies are then one edge each, not a copy of its states.
   */
  private int shared(Regex body, boolean json) {
    Regex key = new Regex.Repeat(body, json ? 1 : 0, 1);
    Integer known = sharedRegex.get(key);
    if (known == null) {
      known = rule();
      sharedRegex.put(key, known);
      regex(start(known), body, json, end(known));
    }
    return known;
  }

  /** Draws something between two states. */
  interface Part {
    void between(int source, int target);
  }

  /** {@code part} {@code min} to {@code max} times. */
  void repeat(int source, int min, int max, int target, Part part) {
    int at = state();
    epsilon(source, at); // the loop below may come back to its first state, never to source
    for (int i = 0; i < min; i++) {
      int next = state();
      part.between(at, next);
      at = next;
    }
    if (max == Regex.UNBOUNDED) {
      int loop = state();
      epsilon(at, loop);
      part.between(loop, loop);
      epsilon(loop, target);
      return;
    }
    epsilon(at, target);
    for (int i = min; i < max; i++) {
      int next = state();
      part.between(at, next);
      epsilon(next, target);
      at = next;
    }
  }

  /** The finished automaton for {@code rule}. */
  Nfa build(int rule) {
    return new Nfa(
        rule,
        states,
        Arrays.copyOf(from, edges),
        Arrays.copyOf(label, edges),
        Arrays.copyOf(to, edges),
        Arrays.copyOf(plainRun, states),
        Arrays.copyOf(ruleStart, rules),
        Arrays.copyOf(ruleEnd, rules));
  }
}
