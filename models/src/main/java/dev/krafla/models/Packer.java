package dev.krafla.models;

import dev.krafla.kernels.BlockFormats;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.LargeMemory;
import dev.krafla.kernels.PackedMatrix;
import dev.krafla.kernels.Quantizers;
import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings a model's matrices into the layout of one kernel tier: reads them from the packed file of
 * an earlier start, or packs them on all cores and leaves such a file.
 */
final class Packer {
  private static final String RAW_LAYOUT = "raw"; // kernels of this layout read files in place
  private static final long MATRIX_ALIGNMENT = 4096;

  /** One matrix and where it goes. */
  private record Item(MatrixPlan plan, RawMatrix raw, WeightType type, long offset, long bytes) {
    boolean quantized() {
      return type != raw.type();
    }
  }

  private final ModelSource source;
  private final String digest;
  private final Kernels kernels;
  private final LoadOptions options;

  Packer(ModelSource source, String digest, Kernels kernels, LoadOptions options) {
    this.source = source;
    this.digest = digest;
    this.kernels = kernels;
    this.options = options;
  }

  /** All matrices of the model by name, in memory of {@code arena} or in the source's file. */
  Map<String, PackedMatrix> pack(Arena arena) {
    List<Item> items = plan();
    Map<String, PackedMatrix> packed = new HashMap<>();
    boolean inPlace = kernels.layout().equals(RAW_LAYOUT);
    if (inPlace && items.stream().noneMatch(Item::quantized)) {
      for (Item item : items) {
        packed.put(item.plan.name(), wrap(item, item.raw.data()));
      }
      return packed;
    }
    long total = items.getLast().offset + items.getLast().bytes;
    MemorySegment memory = LargeMemory.allocate(arena, total);
    fill(items, memory);
    for (Item item : items) {
      packed.put(item.plan.name(), wrap(item, memory.asSlice(item.offset, item.bytes)));
    }
    return packed;
  }

  private PackedMatrix wrap(Item item, MemorySegment data) {
    return kernels.wrap(item.type, item.plan.rows(), item.plan.cols(), data);
  }

  private List<Item> plan() {
    List<Item> items = new ArrayList<>();
    long offset = 0;
    for (MatrixPlan plan : MatrixPlan.of(source.config())) {
      RawMatrix raw = source.matrix(storedName(plan), plan.rows(), plan.cols());
      WeightType type = packedType(raw);
      long bytes = kernels.packedBytes(type, plan.rows(), plan.cols());
      items.add(new Item(plan, raw, type, offset, bytes));
      offset = Math.ceilDiv(offset + bytes, MATRIX_ALIGNMENT) * MATRIX_ALIGNMENT;
    }
    return items;
  }

  /** A model without an output head of its own uses the embedding as one. */
  private String storedName(MatrixPlan plan) {
    boolean tied = plan.name().equals(Weights.HEAD) && !source.tensors().contains(Weights.HEAD);
    return tied ? Weights.EMBEDDING : plan.name();
  }

  private WeightType packedType(RawMatrix raw) {
    boolean isFloat =
        switch (raw.type()) {
          case F32, F16, BF16 -> true;
          case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 -> false;
        };
    return isFloat
        ? options.quantize().filter(q -> raw.cols() % q.blockSize() == 0).orElse(raw.type())
        : raw.type();
  }

  private void fill(List<Item> items, MemorySegment memory) {
    long total = items.stream().mapToLong(Item::bytes).sum();
    Optional<PackedFile> file = options.cache().map(folder -> file(folder, items));
    if (file.isPresent() && file.get().read(memory)) {
      options.progress().update(total, total);
      return;
    }
    AtomicLong done = new AtomicLong();
    items.parallelStream()
        .forEach(item -> {
          pack(item, memory.asSlice(item.offset, item.bytes));
          synchronized (done) {
            options.progress().update(done.addAndGet(item.bytes), total);
          }
        });
    file.ifPresent(f -> f.write(memory));
  }

  private void pack(Item item, MemorySegment target) {
    if (!item.quantized()) {
      kernels.pack(item.raw, target);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      kernels.pack(quantize(item.raw, item.type, arena), target);
    }
  }

  private static RawMatrix quantize(RawMatrix raw, WeightType type, Arena arena) {
    long rowBytes = type.bytes(raw.cols());
    MemorySegment data = arena.allocate(rowBytes * raw.rows());
    float[] row = new float[raw.cols()];
    for (int r = 0; r < raw.rows(); r++) {
      BlockFormats.dequantizeRow(raw, r, row);
      Quantizers.quantize(type, row, row.length, data, r * rowBytes);
    }
    return new RawMatrix(type, raw.rows(), raw.cols(), data);
  }

  private PackedFile file(Path folder, List<Item> items) {
    MessageDigest key = ModelDigest.sha256();
    key.update((kernels.layout() + "\n" + digest + "\n").getBytes(StandardCharsets.UTF_8));
    for (Item item : items) {
      String line =
          "%s %s %d %d %d %d\n"
              .formatted(
                  item.plan.name(),
                  item.type,
                  item.plan.rows(),
                  item.plan.cols(),
                  item.offset,
                  item.bytes);
      key.update(line.getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = key.digest();
    String name = HexFormat.of().formatHex(bytes, 0, 16) + ".weights";
    return new PackedFile(folder.resolve("packed").resolve(name), bytes);
  }
}
