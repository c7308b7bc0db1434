package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Attention and cache writes in C (attention.h): this class deals the items of an {@link
 * AttentionPlan} to the pool. Called by one thread at a time.
 */
final class NativeAttention {
  /** {@code struct krafla_attention}. */
  private static final StructLayout ARGS =
      MemoryLayout.structLayout(
          ADDRESS.withName("out"),
          ADDRESS.withName("qkv"),
          ADDRESS.withName("slab"),
          ADDRESS.withName("positions"),
          ADDRESS.withName("block_tables"),
          ADDRESS.withName("partials"),
          ADDRESS.withName("partial_base"),
          JAVA_LONG.withName("block_stride"),
          JAVA_LONG.withName("head_stride"),
          JAVA_LONG.withName("value_offset"),
          JAVA_INT.withName("qkv_cols"),
          JAVA_INT.withName("out_cols"),
          JAVA_INT.withName("query_column"),
          JAVA_INT.withName("table_stride"),
          JAVA_INT.withName("heads"),
          JAVA_INT.withName("kv_heads"),
          JAVA_INT.withName("head_dim"),
          JAVA_INT.withName("kv_type"),
          JAVA_INT.withName("window"),
          JAVA_FLOAT.withName("scale"),
          JAVA_FLOAT.withName("softcap"),
          MemoryLayout.paddingLayout(4));

  private static final long OUT = offset("out");
  private static final long QKV = offset("qkv");
  private static final long SLAB = offset("slab");
  private static final long POSITIONS = offset("positions");
  private static final long BLOCK_TABLES = offset("block_tables");
  private static final long PARTIALS = offset("partials");
  private static final long PARTIAL_BASE = offset("partial_base");
  private static final long BLOCK_STRIDE = offset("block_stride");
  private static final long HEAD_STRIDE = offset("head_stride");
  private static final long VALUE_OFFSET = offset("value_offset");
  private static final long QKV_COLS = offset("qkv_cols");
  private static final long OUT_COLS = offset("out_cols");
  private static final long QUERY_COLUMN = offset("query_column");
  private static final long TABLE_STRIDE = offset("table_stride");
  private static final long HEADS = offset("heads");
  private static final long KV_HEADS = offset("kv_heads");
  private static final long HEAD_DIM = offset("head_dim");
  private static final long KV_TYPE = offset("kv_type");
  private static final long WINDOW = offset("window");
  private static final long SCALE = offset("scale");
  private static final long SOFTCAP = offset("softcap");

  /** Rows from which cache writes are dealt to the pool: below, waking it costs more. */
  private static final int POOL_ROWS = 16;

  private final ComputePool pool;
  private final MethodHandle attention;
  private final MethodHandle merge;
  private final MethodHandle writeKv;
  private final MethodHandle scratchFloats;
  private final MemorySegment args = Arena.ofAuto().allocate(ARGS);
  private final MemorySegment[] scratch;
  private final AtomicInteger next = new AtomicInteger();
  private final List<AttentionPlan> plans = new ArrayList<>();
  private MemorySegment partials = MemorySegment.NULL;

  /** Binds the functions of {@code library} for instruction set {@code isa}, e.g. {@code avx2}. */
  NativeAttention(NativeLibrary library, String isa, ComputePool pool) {
    this.pool = pool;
    this.attention =
        library.function(
            "krafla_attention_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                JAVA_LONG));
    this.merge =
        library.function(
            "krafla_attention_merge_" + isa,
            FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    this.writeKv =
        library.function(
            "krafla_write_kv_" + isa,
            FunctionDescriptor.ofVoid(
                JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    this.scratchFloats =
        library.function(
            "krafla_attention_scratch_" + isa,
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT));
    this.scratch = new MemorySegment[pool.size()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = MemorySegment.NULL;
    }
  }

  private static long offset(String field) {
    return ARGS.byteOffset(PathElement.groupElement(field));
  }

  /** {@link Kernels#writeKv}. */
  void writeKv(
      KvCache kv, int layer, Tensor qkv, int keyColumn, int valueColumn, BatchLayout layout) {
    setCache(kv, layer);
    args.set(JAVA_LONG, QKV, qkv.data().address());
    args.set(JAVA_INT, QKV_COLS, qkv.cols());
    long slots = layout.slots().address();
    if (layout.rows() < POOL_ROWS) {
      writeRows(slots, 0, layout.rows(), keyColumn, valueColumn);
      return;
    }
    pool.run((member, members) ->
        writeRows(
            slots,
            ComputePool.share(layout.rows(), member, members),
            ComputePool.share(layout.rows(), member + 1, members),
            keyColumn,
            valueColumn));
  }

  private void writeRows(long slots, int from, int to, int keyColumn, int valueColumn) {
    try {
      writeKv.invokeExact(args.address(), slots, from, to, keyColumn, valueColumn);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  /** {@link Kernels#attention}. */
  void attention(
      Tensor out,
      Tensor qkv,
      int queryColumn,
      int heads,
      KvCache kv,
      int layer,
      BatchLayout layout,
      float scale,
      int window,
      float softcap) {
    int kvHeads = kv.shape().kvHeads();
    int headDim = kv.shape().headDim();
    AttentionPlan plan = plan(heads, kvHeads, window);
    plan.update(layout);
    fitScratch(heads / kvHeads, headDim);
    fitPartials((long) plan.partialRecords() * heads * ((headDim + 15) / 16 * 16 + 2));
    setCache(kv, layer);
    args.set(JAVA_LONG, OUT, out.data().address());
    args.set(JAVA_LONG, QKV, qkv.data().address());
    args.set(JAVA_LONG, POSITIONS, layout.positions().address());
    args.set(JAVA_LONG, BLOCK_TABLES, layout.blockTables().address());
    args.set(JAVA_LONG, PARTIALS, partials.address());
    args.set(JAVA_LONG, PARTIAL_BASE, plan.partialBase().address());
    args.set(JAVA_INT, QKV_COLS, qkv.cols());
    args.set(JAVA_INT, OUT_COLS, out.cols());
    args.set(JAVA_INT, QUERY_COLUMN, queryColumn);
    args.set(JAVA_INT, TABLE_STRIDE, layout.blockTableStride());
    args.set(JAVA_INT, HEADS, heads);
    args.set(JAVA_INT, WINDOW, window);
    args.set(JAVA_FLOAT, SCALE, scale);
    args.set(JAVA_FLOAT, SOFTCAP, softcap);
    next.set(0);
    pool.run((member, members) -> runItems(plan, kvHeads, scratch[member].address()));
    if (plan.mergeRows() > 0) {
      pool.run((member, members) -> mergeRows(plan, heads, member, members));
    }
  }

  /** Takes items, all kv heads of one after another, until none is left. */
  private void runItems(AttentionPlan plan, int kvHeads, long scratchAddress) {
    int total = plan.items() * kvHeads;
    for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
      int item = i / kvHeads;
      try {
        attention.invokeExact(
            args.address(),
            plan.rows().address() + (long) plan.firstRow(item) * Integer.BYTES,
            plan.rowsOf(item),
            plan.sequence(item),
            i % kvHeads,
            plan.chunkFrom(item),
            plan.chunkTo(item),
            plan.partial(item),
            scratchAddress);
      } catch (Throwable t) {
        throw failed(t);
      }
    }
  }

  private void mergeRows(AttentionPlan plan, int heads, int member, int members) {
    int units = plan.mergeRows() * heads;
    int to = ComputePool.share(units, member + 1, members);
    for (int unit = ComputePool.share(units, member, members); unit < to; ) {
      int head = unit % heads;
      int count = Math.min(heads - head, to - unit);
      try {
        merge.invokeExact(
            args.address(),
            plan.mergeRow(unit / heads),
            head,
            head + count,
            scratch[member].address());
      } catch (Throwable t) {
        throw failed(t);
      }
      unit += count;
    }
  }

  private void setCache(KvCache kv, int layer) {
    args.set(JAVA_LONG, SLAB, kv.slab(layer).address());
    args.set(JAVA_LONG, BLOCK_STRIDE, kv.blockStride());
    args.set(JAVA_LONG, HEAD_STRIDE, kv.headStride());
    args.set(JAVA_LONG, VALUE_OFFSET, kv.valueOffset());
    args.set(JAVA_INT, KV_HEADS, kv.shape().kvHeads());
    args.set(JAVA_INT, HEAD_DIM, kv.shape().headDim());
    args.set(JAVA_INT, KV_TYPE, code(kv.type()));
  }

  /** {@code enum krafla_kv_type}. */
  private static int code(KvType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case BF16 -> 2;
      case Q8 -> 3;
    };
  }

  /** The plan for such layers: a model has one or two kinds of them. */
  private AttentionPlan plan(int heads, int kvHeads, int window) {
    for (AttentionPlan plan : plans) {
      if (plan.isFor(heads, kvHeads, window)) {
        return plan;
      }
    }
    AttentionPlan plan = new AttentionPlan(pool.size(), heads, kvHeads, window);
    plans.add(plan);
    return plan;
  }

  private void fitScratch(int group, int headDim) {
    long floats;
    try {
      int queries = Math.max(AttentionPlan.TILE_QUERIES, group);
      floats = (long) scratchFloats.invokeExact(queries, headDim);
    } catch (Throwable t) {
      throw failed(t);
    }
    if (scratch[0].byteSize() < floats * Float.BYTES) {
      for (int i = 0; i < scratch.length; i++) {
        scratch[i] = Arena.ofAuto().allocate(floats * Float.BYTES, Tensor.ALIGNMENT);
      }
    }
  }

  private void fitPartials(long floats) {
    if (partials.byteSize() < floats * Float.BYTES) {
      partials = Arena.ofAuto().allocate(2 * floats * Float.BYTES, Tensor.ALIGNMENT);
    }
  }

  private static IllegalStateException failed(Throwable t) {
    return new IllegalStateException("a native attention kernel failed", t);
  }
}
