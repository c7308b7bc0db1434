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
  private final List<Load> loads = new ArrayList<>();
  private int[] counts = new int[16];
  private int[] drafts = new int[16];
  private boolean decodeOnly;
  private int tokens;
  private int singleTokens;

  void clear() {
    sequences.forEach(s -> s.inStep = false);
    sequences.clear();
    repeats.forEach(s -> s.inStep = false);
    repeats.clear();
    loads.clear();
    tokens = 0;
    singleTokens = 0;
    decodeOnly = true;
  }

  /** Adds {@code count} missing tokens of {@code sequence} and {@code draft} guesses after them. */
  void add(Sequence sequence, int count, int draft) {
    assert count > 0 && count <= sequence.missing() : "count " + count;
    assert draft == 0 || count == sequence.missing() : "guesses come after all that is known";
    if (sequences.size() == counts.length) {
      counts = Arrays.copyOf(counts, 2 * counts.length);
      drafts = Arrays.copyOf(drafts, counts.length);
    }
    counts[sequences.size()] = count;
    drafts[sequences.size()] = draft;
    sequences.add(sequence);
    sequence.inStep = true;
    tokens += count + draft;
    if (count == 1) {
      singleTokens += 1 + draft;
    } else {
      decodeOnly = false;
    }
  }

  /**
   * Adds a sequence whose prompt's logits are known: its first token is drawn without computing.
   */
  void addRepeat(Sequence sequence) {
    sequence.inStep = true;
    repeats.add(sequence);
  }

  /** Adds a load to be started: its sequence has its blocks. */
  void addLoad(Load load) {
    loads.add(load);
  }

  List<Load> loads() {
    return loads;
  }

  /** Whether {@code sequence} is in this step, to be computed or to be drawn. */
  boolean contains(Sequence sequence) {
    return sequence.inStep;
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

  /** Guesses after the tokens of the {@code i}-th sequence. */
  int draft(int i) {
    return drafts[i];
  }

  /** Whether every sequence has a single token in this step, and guesses. */
  boolean decodeOnly() {
    return decodeOnly;
  }

  /** Tokens of the {@code i}-th sequence in this step, without guesses. */
  int count(int i) {
    return counts[i];
  }

  /** Whether the {@code i}-th sequence has caught up after this step, so that a token is drawn. */
  boolean draws(int i) {
    return counts[i] == sequences.get(i).missing();
  }

  /** Of {@link #tokens}, those of sequences that have one in this step, and their guesses. */
  int singleTokens() {
    return singleTokens;
  }

  /** Rows of all sequences: tokens and guesses. */
  int tokens() {
    return tokens;
  }
}
