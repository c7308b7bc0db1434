package dev.krafla.models.tokenizer;

import java.util.Arrays;

/**
 * Joins the symbols of one word until no rule applies: best rank first, leftmost among equals. A
 * linked list over arrays; short words scan it, long ones keep a heap, so that a word of n symbols
 * costs O(n log n). Holds its buffers for the next word; one thread.
 */
final class Merger {
  /** Up to here scanning beats the heap. */
  private static final int SCAN_LIMIT = 40;

  private static final int NO_RANK = Integer.MAX_VALUE;
  private static final int END = -1;

  private final MergeRule rule;
  private byte[] text = new byte[0];
  private int[] ids = new int[SCAN_LIMIT];
  private int[] starts = new int[SCAN_LIMIT];
  private int[] ends = new int[SCAN_LIMIT];
  private int[] next = new int[SCAN_LIMIT];
  private int[] previous = new int[SCAN_LIMIT];
  // What a symbol and its right neighbour would become, and how early.
  private int[] ranks = new int[SCAN_LIMIT];
  private int[] joined = new int[SCAN_LIMIT];
  private int count;
  private long[] heap = new long[0];
  private int heapSize;

  Merger(MergeRule rule) {
    this.rule = rule;
  }

  /** Starts a word whose symbols lie in {@code text}. */
  void begin(byte[] text) {
    this.text = text;
    count = 0;
  }

  /** Adds the symbol {@code text[from, to)}; {@code id} is -1 where it is no token. */
  void add(int id, int from, int to) {
    if (count == ids.length) {
      grow(count * 2);
    }
    ids[count] = id;
    starts[count] = from;
    ends[count] = to;
    count++;
  }

  /** Merges; then walk from 0 by {@link #after}. */
  void merge() {
    for (int i = 0; i < count; i++) {
      previous[i] = i - 1;
      next[i] = i + 1 < count ? i + 1 : END;
    }
    for (int i = 0; i < count; i++) {
      look(i);
    }
    if (count <= SCAN_LIMIT) {
      mergeByScan();
    } else {
      mergeByHeap();
    }
  }

  int id(int symbol) {
    return ids[symbol];
  }

  int start(int symbol) {
    return starts[symbol];
  }

  int end(int symbol) {
    return ends[symbol];
  }

  int size() {
    return count;
  }

  /** The symbol after {@code symbol}, or -1. */
  int after(int symbol) {
    return next[symbol];
  }

  private void mergeByScan() {
    while (true) {
      int best = END;
      int bestRank = NO_RANK;
      for (int i = 0; i != END; i = next[i]) {
        if (ranks[i] < bestRank) {
          best = i;
          bestRank = ranks[i];
        }
      }
      if (best == END) {
        return;
      }
      join(best);
    }
  }

  private void mergeByHeap() {
    heapSize = 0;
    if (heap.length < count) {
      heap = new long[count * 2];
    }
    for (int i = 0; i < count; i++) {
      offer(i);
    }
    while (heapSize > 0) {
      long top = poll();
      int symbol = (int) top;
      // A stale entry: the symbol was joined away or has another neighbour by now.
      if (ranks[symbol] != (int) (top >>> 32)) {
        continue;
      }
      join(symbol);
      offer(symbol);
      if (previous[symbol] != END) {
        offer(previous[symbol]);
      }
    }
  }

  private void join(int left) {
    int right = next[left];
    ids[left] = joined[left];
    ends[left] = ends[right];
    next[left] = next[right];
    ranks[right] = NO_RANK;
    if (next[left] != END) {
      previous[next[left]] = left;
    }
    look(left);
    if (previous[left] != END) {
      look(previous[left]);
    }
  }

  private void look(int left) {
    int right = next[left];
    long found =
        right == END
            ? MergeRule.NONE
            : rule.join(ids[left], ids[right], text, starts[left], ends[right]);
    ranks[left] = found == MergeRule.NONE ? NO_RANK : (int) (found >>> 32);
    joined[left] = (int) found;
  }

  private void offer(int symbol) {
    if (ranks[symbol] == NO_RANK) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, heapSize * 2);
    }
    long entry = (long) ranks[symbol] << 32 | symbol;
    int at = heapSize++;
    while (at > 0 && heap[(at - 1) >>> 1] > entry) {
      heap[at] = heap[(at - 1) >>> 1];
      at = (at - 1) >>> 1;
    }
    heap[at] = entry;
  }

  private long poll() {
    long top = heap[0];
    long last = heap[--heapSize];
    int at = 0;
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }

  private void grow(int capacity) {
    ids = Arrays.copyOf(ids, capacity);
    starts = Arrays.copyOf(starts, capacity);
    ends = Arrays.copyOf(ends, capacity);
    next = Arrays.copyOf(next, capacity);
    previous = Arrays.copyOf(previous, capacity);
    ranks = Arrays.copyOf(ranks, capacity);
    joined = Arrays.copyOf(joined, capacity);
  }
}
