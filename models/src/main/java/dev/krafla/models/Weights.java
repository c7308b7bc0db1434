package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.PackedMatrix;
import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.Tensor;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A model's weights as an {@link Architecture} takes them while it is built: matrices packed for
 * one kernel tier, vectors as float32. Remembers what was taken, so that a tensor that no
 * architecture asked for is noticed.
 */
final class Weights {
  static final String EMBEDDING = "token_embd.weight";
  static final String HEAD = "output.weight";

  private final Kernels kernels;
  private final ModelSource source;
  private final Arena arena;
  private final Map<String, PackedMatrix> packed;
  private final Set<String> taken = new HashSet<>();

  Weights(Kernels kernels, ModelSource source, Arena arena, Map<String, PackedMatrix> packed) {
    this.kernels = kernels;
    this.source = source;
    this.arena = arena;
    this.packed = packed;
  }

  Kernels kernels() {
    return kernels;
  }

  /** The token embedding as stored, one row a token. */
  RawMatrix embedding() {
    taken.add(EMBEDDING);
    ModelConfig config = source.config();
    return source.matrix(EMBEDDING, config.vocabSize(), config.hiddenSize());
  }

  /** The output head: its own matrix, or the embedding where the model ties them. */
  PackedMatrix head() {
    return matrix(HEAD);
  }

  /** The matrix {@code name}, e.g. {@code blk.0.attn_q.weight}. */
  PackedMatrix matrix(String name) {
    taken.add(name);
    PackedMatrix matrix = packed.get(name);
    if (matrix == null) {
      throw new AssertionError(name + " is not in the plan of matrices to pack");
    }
    return matrix;
  }

  /** Matrices of one layer, to be multiplied in one call. */
  PackedMatrix[] matrices(int layer, String... kinds) {
    PackedMatrix[] parts = new PackedMatrix[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      parts[i] = matrix(MatrixPlan.name(layer, kinds[i]));
    }
    return parts;
  }

  /** The matrix of kind {@code kind} ({@code ffn_down}) of one layer. */
  PackedMatrix matrix(int layer, String kind) {
    return matrix(MatrixPlan.name(layer, kind));
  }

  /** The norm weight of kind {@code kind} ({@code attn_norm}) of one layer. */
  Tensor norm(int layer, String kind, int size) {
    return vector(MatrixPlan.name(layer, kind), size);
  }

  /** The bias of kind {@code kind} ({@code attn_q}) of one layer. */
  Tensor bias(int layer, String kind, int size) {
    return vector("blk.%d.%s.bias".formatted(layer, kind), size);
  }

  /** The vector {@code name} as one row. */
  Tensor vector(String name, int size) {
    taken.add(name);
    return Tensor.of(arena, source.vector(name, size));
  }

  /**
   * Fails when the model has a tensor that nobody took: it would then not be the model its author
   * trained.
   */
  void checkAllTaken() {
    for (String name : source.tensors()) {
      if (!taken.contains(name)) {
        throw new UnsupportedModelException(
            "%s: tensor \"%s\" is not part of a %s model as this version runs it"
                .formatted(source.files().getFirst(), name, source.config().architecture()));
      }
    }
  }
}
