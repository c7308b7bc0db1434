package dev.krafla.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one forward pass computes: for each sequence, how many of its missing tokens. Made by {@link
 * Scheduler#schedule} and reused from step to step.
 */
final class Step {
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<Sequence> repeats = new ArrayList<>();
  private int[] counts = new int[16];
  private int tokens;

  void clear() {
    sequences.clear();
    repeats.clear();
    tokens = 0;
  }

  void add(Sequence sequence, int count) {
    assert count > 0 && count <= sequence.missing() : "count " + count;
    if (sequences.size() == counts.length) {
      counts = Arrays.copyOf(counts, 2 * counts.length);
    }
    counts[sequences.size()] = count;
    sequences.add(sequence);
    tokens += count;
  }

  /**
   * Adds a sequence whose prompt's logits are known: its first token is drawn without computing.
   */
  void addRepeat(Sequence sequence) {
    repeats.add(sequence);
  }

  List<Sequence> repeats() {
    return repeats;
  }

  /** What is to be computed. */
  List<Sequence> sequences() {
    return sequences;
  }

  /** Whether there is nothing to compute. */
  boolean isEmpty() {
    return sequences.isEmpty();
  }

  int size() {
    return sequences.size();
  }

  Sequence sequence(int i) {
    return sequences.get(i);
  }

  /** Tokens of the {@code i}-th sequence in this step. */
  int count(int i) {
    return counts[i];
  }

  /** Whether the {@code i}-th sequence has caught up after this step, so that a token is drawn. */
  boolean draws(int i) {
    return counts[i] == sequences.get(i).missing();
  }

  /** Tokens of all sequences. */
  int tokens() {
    return tokens;
  }
}
