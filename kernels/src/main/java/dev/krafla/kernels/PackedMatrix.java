package dev.krafla.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A weight matrix in the layout one kernel tier reads fastest. Made by {@link Kernels#pack} or
 * {@link Kernels#wrap}; only kernels of the same {@link Kernels#layout()} may read it. Immutable;
 * safe to share between threads.
 */
public record PackedMatrix(
    WeightType type, int rows, int cols, String layout, MemorySegment data) {}
