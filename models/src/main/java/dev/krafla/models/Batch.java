package dev.krafla.models;

import dev.krafla.kernels.BatchLayout;

/**
 * One step's input: token {@code tokens[r]} at row {@code r} of {@code layout}, and the rows whose
 * next-token logits are wanted. The arrays may be longer than what is used; the engine reuses them
 * from step to step.
 *
 * @param tokens token ids, {@code layout.rows()} in use
 * @param logitRows rows whose logits are wanted, ascending, {@code logitCount} in use
 */
public record Batch(BatchLayout layout, int[] tokens, int[] logitRows, int logitCount) {}
