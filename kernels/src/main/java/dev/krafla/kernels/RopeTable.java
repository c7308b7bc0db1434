package dev.krafla.kernels;

/**
 * Cosines and sines of rotary position embedding (Su et al. 2021), {@code [maxPositions][rotaryDim
 * / 2]} each.
 *
 * @param interleaved true: pairs are elements (2i, 2i+1), as GGUF files of the llama family store
 *     them; false: pairs are (i, i + rotaryDim/2), the "NeoX" order of qwen, gemma and Hugging Face
 *     checkpoints
 */
public record RopeTable(Tensor cos, Tensor sin, int rotaryDim, boolean interleaved) {}
