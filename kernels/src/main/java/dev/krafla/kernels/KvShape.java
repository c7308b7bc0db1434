package dev.krafla.kernels;

/**
 * Shape of a model's keys and values: {@code headDim} is a multiple of 32 for {@link KvType#Q8}.
 */
public record KvShape(int layers, int kvHeads, int headDim) {
  public KvShape {
    if (layers <= 0 || kvHeads <= 0 || headDim <= 0) {
      throw new IllegalArgumentException(
          "layers=%d kvHeads=%d headDim=%d; all must be positive"
              .formatted(layers, kvHeads, headDim));
    }
  }
}
