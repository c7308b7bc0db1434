package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttentionPlanTest {
  private static final int HEADS = 6;
  private static final int KV_HEADS = 2;
  private static final int MAX_BLOCKS = 80;

  private final Arena arena = Arena.ofAuto();

  /** Times each (row, chunk) pair is computed. */
  private static Map<Long, Integer> coverage(AttentionPlan plan) {
    Map<Long, Integer> times = new HashMap<>();
    for (int item = 0; item < plan.items(); item++) {
      for (int i = 0; i < plan.rowsOf(item); i++) {
        int row = plan.rows().getAtIndex(ValueLayout.JAVA_INT, plan.firstRow(item) + i);
        for (int c = plan.chunkFrom(item); c < plan.chunkTo(item); c++) {
          times.merge((long) row << 32 | c, 1, Integer::sum);
        }
      }
    }
    return times;
  }

  private static AttentionPlan plan(BatchLayout layout, int window, int members) {
    AttentionPlan plan = new AttentionPlan(members, HEADS, KV_HEADS, window);
    plan.update(layout);
    return plan;
  }

  @Test
  void readsChunksThatSequencesShareOnceForAllOfThem() {
    BatchLayout layout = new BatchLayout(arena, 16, 16, MAX_BLOCKS);
    for (int s = 0; s < 16; s++) {
      int[] table = new int[64];
      for (int b = 0; b < table.length; b++) {
        table[b] = b < 62 ? b : 100 + s * 2 + b;
      }
      layout.addSequence(1008, 1, table, 64);
    }
    AttentionPlan plan = plan(layout, 0, 2);
    int shared = 0;
    for (int item = 0; item < plan.items(); item++) {
      if (plan.rowsOf(item) == 16) {
        assertThat(plan.partial(item)).isOne();
        shared += plan.chunkTo(item) - plan.chunkFrom(item);
      }
    }
    assertThat(shared).as("whole chunks in 1,008 shared tokens").isEqualTo(7);
    assertThat(coverage(plan)).hasSize(16 * 8);
    assertThat(plan.mergeRows()).isEqualTo(16);
  }

  @Test
  void readsSharedChunksOnceWhereAWindowReaches() {
    BatchLayout layout = new BatchLayout(arena, 16, 16, MAX_BLOCKS);
    for (int s = 0; s < 16; s++) {
      int[] table = new int[72];
      for (int b = 0; b < table.length; b++) {
        table[b] = b < 64 ? b : 100 * s + b;
      }
      layout.addSequence(s < 8 ? 1030 : 1150, 1, table, table.length);
    }
    AttentionPlan plan = plan(layout, 300, 2); // from chunk 5, and from chunk 6
    Map<Integer, Integer> rowsOfChunk = new HashMap<>();
    for (int item = 0; item < plan.items(); item++) {
      if (plan.chunkFrom(item) < 8) {
        rowsOfChunk.merge(plan.chunkFrom(item), plan.rowsOf(item), Integer::sum);
        assertThat(plan.chunkTo(item)).isEqualTo(plan.chunkFrom(item) + 1);
      }
    }
    assertThat(rowsOfChunk).isEqualTo(Map.of(5, 8, 6, 16, 7, 16));
    assertThat(plan.items()).as("one a shared chunk, one a sequence").isEqualTo(3 + 16);
    assertThat(coverage(plan)).hasSize(8 + 16 + 16 + 16);
  }

  @Test
  void splitsOneLongContextOverAllMembers() {
    BatchLayout layout = new BatchLayout(arena, 1, 1, MAX_BLOCKS);
    layout.addSequence(1000, 1, new int[63], 63);
    AttentionPlan plan = plan(layout, 0, 8);
    assertThat(plan.items()).isEqualTo(8);
    assertThat(plan.partialRecords()).isEqualTo(8);
  }

  @Test
  void coversEveryChunkThatARowSeesExactlyOnce() {
    Random random = new Random(9);
    for (int round = 0; round < 300; round++) {
      int window = random.nextInt(3) == 0 ? 1 + random.nextInt(700) : 0;
      BatchLayout layout = new BatchLayout(arena, 400, 12, MAX_BLOCKS);
      int count = 1 + random.nextInt(12);
      int sharedBlocks = random.nextInt(60);
      for (int s = 0; s < count; s++) {
        int history = random.nextInt(1000);
        int rows = random.nextInt(4) == 0 ? 1 + random.nextInt(30) : 1;
        int[] table = new int[(history + rows - 1) / KvCache.BLOCK_TOKENS + 1];
        int shared = random.nextBoolean() ? sharedBlocks : random.nextInt(sharedBlocks + 1);
        for (int b = 0; b < table.length; b++) {
          table[b] = b < shared ? b : 1000 + 100 * s + b;
        }
        layout.addSequence(history, rows, table, table.length);
      }
      AttentionPlan plan = plan(layout, window, 1 + random.nextInt(8));
      Map<Long, Integer> times = coverage(plan);
      for (int row = 0; row < layout.rows(); row++) {
        int position = layout.position(row);
        int first = window == 0 ? 0 : Math.max(0, position - window + 1);
        for (int c = first / AttentionPlan.CHUNK; c <= position / AttentionPlan.CHUNK; c++) {
          assertThat(times).as("round %d", round).containsEntry((long) row << 32 | c, 1);
        }
      }
    }
  }

  @Test
  void followsTheLayoutAsItChanges() {
    BatchLayout layout = new BatchLayout(arena, 4, 4, MAX_BLOCKS);
    AttentionPlan plan = new AttentionPlan(1, HEADS, KV_HEADS, 0);
    layout.addSequence(10, 1, new int[1], 1);
    plan.update(layout);
    assertThat(plan.items()).isEqualTo(1);
    layout.addSequence(20, 1, new int[2], 2);
    plan.update(layout);
    assertThat(plan.items()).isEqualTo(2);
    layout.clear();
    layout.addSequence(20, 1, new int[2], 2);
    plan.update(layout);
    assertThat(plan.items()).isEqualTo(1);
  }
}
