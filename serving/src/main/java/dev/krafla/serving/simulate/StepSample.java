package dev.krafla.serving.simulate;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.models.Batch;

/**
 * One forward pass.
 *
 * @param rows tokens that went through the model
 * @param context tokens that they attended to, summed over all rows
 * @param draws rows whose logits were wanted
 * @param nanos how long it took
 */
public record StepSample(int rows, long context, int draws, long nanos) {
  /** What {@code batch} asks for, before anything is known of its time. */
  static StepSample of(Batch batch, long nanos) {
    BatchLayout layout = batch.layout();
    long context = 0;
    for (int s = 0; s < layout.sequences(); s++) {
      long rows = (long) layout.queryStart(s + 1) - layout.queryStart(s);
      context += rows * layout.contextLength(s) - rows * (rows - 1) / 2;
    }
    return new StepSample(layout.rows(), context, batch.logitCount(), nanos);
  }
}
