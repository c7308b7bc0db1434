package dev.krafla.models;

import dev.krafla.kernels.RopeTable;
import dev.krafla.kernels.Tensor;
import java.lang.foreign.Arena;

/**
 * A rotary table that grows with the longest sequence seen: a context of 131,072 tokens would cost
 * 64 MB and the time to fill them at every start, and few requests come near it. Angles are float32
 * products of position and frequency, as the reference computes them. One thread at a time.
 */
final class Rope {
  private static final int FIRST_POSITIONS = 2048;

  private final RopeFrequencies frequencies;
  private final boolean interleaved;
  private RopeTable table;

  /** A table whose pairs are (2i, 2i+1) when {@code interleaved}, else (i, i + rotaryDim/2). */
  Rope(RopeFrequencies frequencies, boolean interleaved) {
    this.frequencies = frequencies;
    this.interleaved = interleaved;
    this.table = fill(FIRST_POSITIONS);
  }

  /** A table that covers at least positions 0 to {@code positions - 1}. */
  RopeTable upTo(int positions) {
    if (positions > table.cos().rows()) {
      table = fill(Math.max(positions, 2 * table.cos().rows()));
    }
    return table;
  }

  private RopeTable fill(int positions) {
    Arena arena = Arena.ofAuto(); // the outgrown table goes with its last reader
    int pairs = frequencies.inverse().length;
    Tensor cos = Tensor.allocate(arena, positions, pairs);
    Tensor sin = Tensor.allocate(arena, positions, pairs);
    for (int p = 0; p < positions; p++) {
      for (int i = 0; i < pairs; i++) {
        float angle = p * frequencies.inverse()[i];
        cos.set(p, i, (float) Math.cos(angle) * frequencies.magnitude());
        sin.set(p, i, (float) Math.sin(angle) * frequencies.magnitude());
      }
    }
    return new RopeTable(cos, sin, frequencies.rotaryDim(), interleaved);
  }
}
