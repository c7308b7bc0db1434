package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.engine.SequenceBlocks.hitLimit;

import dev.krafla.engine.Sequence.State;
import dev.krafla.engine.cache.BlockTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sequences that have a place and own blocks: those that run, by rank, and those to whose
 * blocks a load writes. Owned by the engine's thread.
 */
final class ActiveSequences {
  private final List<Sequence> running = new ArrayList<>(); // by rank: class, then age
  private final List<Sequence> loading = new ArrayList<>();

  /** Those that run, the first in rank first; changes with what is done here. */
  List<Sequence> running() {
    return Collections.unmodifiableList(running);
  }

  List<Sequence> loading() {
    return Collections.unmodifiableList(loading);
  }

  int size() {
    return running.size() + loading.size();
  }

  /** Lets {@code s} run, in its rank. */
  void start(Sequence s) {
    s.state = State.RUNNING;
    int at = running.size();
    while (at > 0 && s.outranks(running.get(at - 1))) {
      at--;
    }
    running.add(at, s);
  }

  /** Gives {@code load}'s sequence its place for as long as the load takes. */
  void load(Load load) {
    load.sequence.state = State.LOADING;
    load.sequence.load = load;
    loading.add(load.sequence);
  }

  /** Takes the place of {@code s}, which runs or has been loading. */
  void remove(Sequence s) {
    running.remove(s);
    if (loading.remove(s)) {
      s.load = null;
    }
  }

  /** Blocks that they will still take for the tokens that they have. */
  int promisedBlocks() {
    return Stream.concat(running.stream(), loading.stream())
        .mapToInt(s -> Math.max(0, blocksFor(s.numTokens()) - s.blocks.size()))
        .sum();
  }

  /** The last in rank that comes after {@code s} and is not in {@code step}. */
  @Nullable Sequence victimBehind(Sequence s, Step step) {
    for (int i = running.size() - 1; running.get(i) != s; i--) {
      if (!step.contains(running.get(i))) {
        return running.get(i);
      }
    }
    return null;
  }

  /** Whether one of them is computing or loading the next block of {@code s} right now. */
  boolean nextBlockIsUnderWay(Sequence s) {
    // Of a lower class it may be a long time under way, and s must not wait for that.
    return running.stream()
            .anyMatch(r -> r.serviceClass().compareTo(s.serviceClass()) <= 0 && isAheadOf(r, s))
        || loading.stream().anyMatch(r -> r.state == State.LOADING && isAheadOf(r, s));
  }

  /**
   * Equal keys at one block mean equal tokens up to there: {@code s} would find all that {@code r}
   * has published, and then compute or load what {@code r} computes or loads now.
   */
  private static boolean isAheadOf(Sequence r, Sequence s) {
    int next = r.numPublished;
    return r.keys != null && s.keys != null && next < hitLimit(s) && r.keys.sameAt(next, s.keys);
  }

  /**
   * Their blocks.
   *
   * @throws IllegalStateException if one's state and blocks do not fit together
   */
  List<BlockTable> checkedTables() {
    for (Sequence s : running) {
      if (s.state != State.RUNNING
          || s.blocks.size() < blocksFor(s.numComputed)
          || s.numComputed > s.numTokens()) {
        throw new IllegalStateException(
            "a running sequence is %s with %d blocks for %d of %d tokens"
                .formatted(s.state, s.blocks.size(), s.numComputed, s.numTokens()));
      }
    }
    for (Sequence s : loading) {
      if (s.load == null || s.blocks.size() < s.load.from + s.load.count) {
        throw new IllegalStateException(
            "a loading sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
    return Stream.concat(running.stream(), loading.stream()).map(s -> s.blocks).toList();
  }
}
