package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How one step's attention is cut into items of work, the same for every layer with the same
 * window. An item is some rows against a run of chunks of {@link #CHUNK} tokens of one block table;
 * each is done once per kv head. Cuts never change a result (attention.h): they are free to follow
 * the load.
 *
 * <ul>
 *   <li>Prompt rows go in tiles that read each key and value once for {@link #TILE_QUERIES}
 *       queries.
 *   <li>A long context with few rows is split by chunks where whole items would leave members idle.
 *   <li>Cascade: chunks in the same blocks at the start of several sequences are read once for all
 *       of them that look back so far.
 * </ul>
 *
 * <p>Reused from step to step by one thread; items are read by all members.
 */
final class AttentionPlan {
  /** KRAFLA_CHUNK. */
  static final int CHUNK = 128;

  /** Queries (rows × heads per kv head) of an item: what a chunk brought to the L2 cache serves. */
  static final int TILE_QUERIES = 48;

  /** Rows of a sequence up to which partial results are stored: their memory grows by the row. */
  private static final int MAX_SPLIT_ROWS = 16;

  /** Items per member that make the load even enough. */
  private static final int ITEMS_PER_MEMBER = 4;

  private static final int ALONE = -1;

  private static final int CHUNK_BLOCKS = CHUNK / KvCache.BLOCK_TOKENS;

  /** Some rows against chunks {@code chunkFrom … chunkTo − 1} of a sequence's blocks. */
  private static final int ITEM_INTS = 6;

  private final int members;
  private final int kvHeads;
  private final int window;
  private final int tileRows;

  private @Nullable BatchLayout planned;
  private long version;
  private int[] items = new int[64 * ITEM_INTS];
  private int itemCount;
  private int[] rows = new int[256];
  private int rowCount;
  private int[] mergeRows = new int[64];
  private int mergeCount;
  private int[] leaders = new int[64];
  private int[] nextLeaders = new int[64];
  private int[] ownFrom = new int[64];
  private MemorySegment nativeRows = MemorySegment.NULL;
  private MemorySegment partialBase = MemorySegment.NULL;
  private int partialRecords;

  AttentionPlan(int members, int heads, int kvHeads, int window) {
    this.members = members;
    this.kvHeads = kvHeads;
    this.window = window;
    this.tileRows = Math.max(1, TILE_QUERIES * kvHeads / heads);
  }

  boolean isFor(int heads, int kvHeads, int window) {
    return this.kvHeads == kvHeads
        && this.window == window
        && tileRows == Math.max(1, TILE_QUERIES * kvHeads / heads);
  }

  /** Cuts the step of {@code layout}, unless that is what the plan holds already. */
  void update(BatchLayout layout) {
    if (planned == layout && version == layout.version()) {
      return;
    }
    itemCount = 0;
    rowCount = 0;
    mergeCount = 0;
    partialRecords = 0;
    fit(layout);
    planShared(layout);
    long limit = totalCost(layout) / ((long) members * ITEMS_PER_MEMBER) + 1;
    for (int s = 0; s < layout.sequences(); s++) {
      plan(layout, s, limit);
    }
    MemorySegment.copy(rows, 0, nativeRows(rowCount), ValueLayout.JAVA_INT, 0, rowCount);
    planned = layout;
    version = layout.version();
  }

  /** Items to be done for each kv head. */
  int items() {
    return itemCount;
  }

  /** Where {@code rows()} of the item begin. */
  int firstRow(int item) {
    return items[item * ITEM_INTS];
  }

  int rowsOf(int item) {
    return items[item * ITEM_INTS + 1];
  }

  /** The sequence whose blocks the item reads. */
  int sequence(int item) {
    return items[item * ITEM_INTS + 2];
  }

  int chunkFrom(int item) {
    return items[item * ITEM_INTS + 3];
  }

  int chunkTo(int item) {
    return items[item * ITEM_INTS + 4];
  }

  /** 1 if the item stores partial results for a later merge, 0 if it finishes its rows. */
  int partial(int item) {
    return items[item * ITEM_INTS + 5];
  }

  /** int32: row numbers of all items. */
  MemorySegment rows() {
    return nativeRows;
  }

  /** int32[rows of the step]: partial record of chunk 0, for rows that have any. */
  MemorySegment partialBase() {
    return partialBase;
  }

  /** Partial results that are stored, per head. */
  int partialRecords() {
    return partialRecords;
  }

  /** Rows whose partial results are to be merged once all items are done. */
  int mergeRows() {
    return mergeCount;
  }

  int mergeRow(int index) {
    return mergeRows[index];
  }

  private void fit(BatchLayout layout) {
    if (leaders.length < layout.sequences()) {
      leaders = new int[2 * layout.sequences()];
      nextLeaders = new int[2 * layout.sequences()];
      ownFrom = new int[2 * layout.sequences()];
    }
    if (partialBase.byteSize() < (long) layout.rows() * Integer.BYTES) {
      partialBase = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, 2L * layout.rows());
    }
  }

  private MemorySegment nativeRows(int count) {
    if (nativeRows.byteSize() < (long) count * Integer.BYTES) {
      nativeRows = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, 2L * count);
    }
    return nativeRows;
  }

  private int firstChunk(int position) {
    return window > 0 && position >= window ? (position - window + 1) / CHUNK : 0;
  }

  /** Query-token pairs of all kv heads. */
  private long totalCost(BatchLayout layout) {
    long total = 0;
    for (int s = 0; s < layout.sequences(); s++) {
      total += cost(layout, s);
    }
    return total * kvHeads;
  }

  private long cost(BatchLayout layout, int sequence) {
    int seen = layout.contextLength(sequence);
    return (long) rowsIn(layout, sequence) * (window > 0 ? Math.min(seen, window) : seen);
  }

  private static int rowsIn(BatchLayout layout, int sequence) {
    return layout.queryStart(sequence + 1) - layout.queryStart(sequence);
  }

  /** Items of the chunks that no other sequence shares. */
  private void plan(BatchLayout layout, int s, long limit) {
    int first = layout.queryStart(s);
    int count = rowsIn(layout, s);
    int to = (layout.contextLength(s) - 1) / CHUNK + 1;
    boolean shared = ownFrom[s] > 0; // then its rows have partial results already
    int from = Math.max(ownFrom[s], firstChunk(layout.position(first)));
    boolean split =
        count <= MAX_SPLIT_ROWS
            && to - from > 1
            && Math.min(count, tileRows) * cost(layout, s) > limit * count;
    if (shared || split) {
      for (int r = first; r < first + count; r++) {
        needMerge(r, layout.position(r));
      }
    }
    // A prompt's last rows see most: they come first, so that members end at about the same time.
    for (int tile = (count - 1) / tileRows; tile >= 0; tile--) {
      int r = first + tile * tileRows;
      int n = Math.min(tileRows, first + count - r);
      int rowsAt = rowCount;
      addRows(r, n);
      if (split) {
        for (int c = from; c < to; c++) {
          addItem(rowsAt, n, s, c, c + 1, 1);
        }
      } else {
        int last = layout.position(r + n - 1) / CHUNK + 1;
        int start = Math.max(ownFrom[s], firstChunk(layout.position(r)));
        addItem(rowsAt, n, s, start, last, shared ? 1 : 0);
      }
    }
  }

  private void needMerge(int row, int position) {
    int firstChunk = firstChunk(position);
    partialBase.setAtIndex(ValueLayout.JAVA_INT, row, partialRecords - firstChunk);
    partialRecords += position / CHUNK + 1 - firstChunk;
    mergeRows = room(mergeRows, mergeCount + 1);
    mergeRows[mergeCount++] = row;
  }

  /**
   * Items of the chunks that several sequences share from their starts, and {@code ownFrom}: how
   * many these are for each sequence. Sequences that share chunks 0 … c are a group, known by its
   * first member, its leader; a group for c + 1 lies within one for c.
   */
  private void planShared(BatchLayout layout) {
    int n = layout.sequences();
    Arrays.fill(ownFrom, 0, n, 0);
    int left = 0;
    for (int s = 0; s < n; s++) { // prompt tiles share their reads among themselves
      leaders[s] = rowsIn(layout, s) <= MAX_SPLIT_ROWS ? 0 : ALONE;
      left += leaders[s] == ALONE ? 0 : 1;
    }
    for (int chunk = 0; left > 1; chunk++) {
      left = 0;
      for (int s = 0; s < n; s++) {
        nextLeaders[s] = nextLeader(layout, s, chunk);
      }
      for (int leader = 0; leader < n; leader++) {
        if (nextLeaders[leader] == leader) {
          left += addGroup(layout, leader, chunk);
        }
      }
      int[] swap = leaders;
      leaders = nextLeaders;
      nextLeaders = swap;
    }
  }

  private int nextLeader(BatchLayout layout, int s, int chunk) {
    int firstPosition = layout.position(layout.queryStart(s));
    if (leaders[s] == ALONE || (chunk + 1) * CHUNK > firstPosition) {
      return ALONE;
    }
    for (int t = leaders[s]; t < s; t++) {
      if (nextLeaders[t] == t && leaders[t] == leaders[s] && sameBlocks(layout, t, s, chunk)) {
        return t;
      }
    }
    return s;
  }

  private static boolean sameBlocks(BatchLayout layout, int a, int b, int chunk) {
    for (int i = chunk * CHUNK_BLOCKS; i < (chunk + 1) * CHUNK_BLOCKS; i++) {
      if (layout.block(a, i) != layout.block(b, i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Items of one chunk for the group of {@code leader}, if it has followers; returns its size.
   * Members whose window begins behind the chunk stay in the group without rows.
   */
  private int addGroup(BatchLayout layout, int leader, int chunk) {
    int size = 0;
    for (int s = leader; s < layout.sequences(); s++) {
      size += nextLeaders[s] == leader ? 1 : 0;
    }
    if (size == 1) {
      nextLeaders[leader] = ALONE;
      return 0;
    }
    int rowsAt = rowCount;
    for (int s = leader; s < layout.sequences(); s++) {
      int first = layout.queryStart(s);
      if (nextLeaders[s] == leader && firstChunk(layout.position(first)) <= chunk) {
        addRows(first, rowsIn(layout, s));
        ownFrom[s] = chunk + 1;
      }
    }
    for (int r = rowsAt; r < rowCount; r += tileRows) {
      addItem(r, Math.min(tileRows, rowCount - r), leader, chunk, chunk + 1, 1);
    }
    return size;
  }

  private void addRows(int first, int count) {
    rows = room(rows, rowCount + count);
    for (int i = 0; i < count; i++) {
      rows[rowCount++] = first + i;
    }
  }

  private void addItem(int rowsAt, int n, int sequence, int chunkFrom, int chunkTo, int partial) {
    items = room(items, (itemCount + 1) * ITEM_INTS);
    int at = itemCount++ * ITEM_INTS;
    items[at] = rowsAt;
    items[at + 1] = n;
    items[at + 2] = sequence;
    items[at + 3] = chunkFrom;
    items[at + 4] = chunkTo;
    items[at + 5] = partial;
  }

  private static int[] room(int[] array, int length) {
    return array.length >= length ? array : Arrays.copyOf(array, 2 * length);
  }
}
