package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a GGUF file says of its tokenizer (keys {@code tokenizer.ggml.*}); {@code Tokenizers.of}
 * makes a tokenizer of it. Absent keys are absent here: the defaults are the tokenizer's business.
 *
 * @param model {@code tokenizer.ggml.model}: "gpt2" (byte-level BPE), "llama" (SentencePiece BPE),
 *     "t5" (Unigram)
 * @param pre {@code tokenizer.ggml.pre}, the name of the pre-tokenizer's pattern
 * @param tokens texts by id
 * @param types {@code tokenizer.ggml.token_type} by id: 1 normal, 2 unknown, 3 control, 4 user
 *     defined, 5 unused, 6 byte; empty when absent
 * @param scores {@code tokenizer.ggml.scores} by id; empty when absent
 * @param merges {@code tokenizer.ggml.merges}, "left right", best first; empty when absent
 * @param bos {@code tokenizer.ggml.bos_token_id}
 * @param eos {@code tokenizer.ggml.eos_token_id}
 * @param unknown {@code tokenizer.ggml.unknown_token_id}
 * @param end further tokens that end an answer ({@code eot_token_id}, {@code eom_token_id}, and
 *     {@code eos_token_ids} where present)
 * @param addBos {@code tokenizer.ggml.add_bos_token}
 * @param addEos {@code tokenizer.ggml.add_eos_token}
 * @param addSpacePrefix {@code tokenizer.ggml.add_space_prefix}
 */
public record TokenizerSpec(
    String model,
    Optional<String> pre,
    List<String> tokens,
    int[] types,
    float[] scores,
    List<String> merges,
    OptionalInt bos,
    OptionalInt eos,
    OptionalInt unknown,
    Set<Integer> end,
    Optional<Boolean> addBos,
    Optional<Boolean> addEos,
    Optional<Boolean> addSpacePrefix) {

  public TokenizerSpec {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    end = Set.copyOf(end);
    if (tokens.isEmpty()) {
      throw new ModelFormatException("tokenizer.ggml.tokens is empty; a model needs a vocabulary");
    }
    checkLength("token_type", types.length, tokens.size());
    checkLength("scores", scores.length, tokens.size());
    checkId("bos_token_id", bos, tokens.size());
    checkId("eos_token_id", eos, tokens.size());
    checkId("unknown_token_id", unknown, tokens.size());
    for (int id : end) {
      checkId("eot_token_id", OptionalInt.of(id), tokens.size());
    }
  }

  private static void checkLength(String key, int length, int vocabSize) {
    if (length != 0 && length != vocabSize) {
      throw new ModelFormatException(
          "tokenizer.ggml.%s has %d entries for %d tokens".formatted(key, length, vocabSize));
    }
  }

  private static void checkId(String key, OptionalInt id, int vocabSize) {
    if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= vocabSize)) {
      throw new ModelFormatException(
          "tokenizer.ggml.%s is %d; the vocabulary has %d tokens"
              .formatted(key, id.getAsInt(), vocabSize));
    }
  }
}
