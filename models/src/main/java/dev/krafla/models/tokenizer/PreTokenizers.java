package dev.krafla.models.tokenizer;

import dev.krafla.models.UnsupportedModelException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pre-tokenizers that GGUF files name in {@code tokenizer.ggml.pre}. Patterns are those of the
 * models' own {@code tokenizer.json}, each applied to the pieces of the one before.
 */
final class PreTokenizers {
  /** What GPT-2 cuts by; so do all {@code ByteLevel} pre-tokenizers with {@code use_regex}. */
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String DIGIT = "\\p{N}";
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String LINES_AND_SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** cl100k and its children: they differ in how many digits go together. */
  private static final String CL100K =
      CONTRACTIONS
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|%s| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
          + LINES_AND_SPACES;

  static final String LLAMA3 = CL100K.formatted("\\p{N}{1,3}");
  static final String QWEN2 = CL100K.formatted(DIGIT);

  private static final String QWEN35 =
      CONTRACTIONS
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|"
          + LINES_AND_SPACES;

  private static final String CASED_WORD_1 =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
  private static final String CASED_WORD_2 =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
  private static final String SYMBOLS_AND_SPACES =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + LINES_AND_SPACES;

  private static final String TEKKEN =
      CASED_WORD_1 + "|" + CASED_WORD_2 + "|\\p{N}" + SYMBOLS_AND_SPACES;
  private static final String O200K =
      CASED_WORD_1
          + CONTRACTIONS
          + "?|"
          + CASED_WORD_2
          + CONTRACTIONS
          + "?|\\p{N}{1,3}"
          + SYMBOLS_AND_SPACES;

  private static final List<String> DEEPSEEK_V3 =
      List.of(
          "\\p{N}{1,3}",
          "[一-龥\u3040-ゟ゠-ヿ]+",
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
              + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|"
              + LINES_AND_SPACES);
  private static final List<String> DEEPSEEK_CODER =
      List.of("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+", DIGIT);
  private static final String SEED_CODER =
      CONTRACTIONS
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|"
          + LINES_AND_SPACES;
  private static final String BAILING =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
          + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

  /**
   * One of them.
   *
   * @param patterns in order
   * @param nfc whether the model's text is in Unicode's composed form
   * @param ignoreMerges a word that is a token is that token
   * @param addBos whether texts begin with BOS where the file does not say
   */
  record Known(List<String> patterns, boolean nfc, boolean ignoreMerges, boolean addBos) {
    Splitter splitter() {
      return new Splitter.Sequence(patterns.stream().map(PreTokenizers::isolated).toList());
    }
  }

  private static final Map<String, Known> KNOWN =
      Stream.of(
              family(List.of(GPT2), "gpt-2", "phi-2", "olmo", "mpt", "gigachat", "exaone4"),
              family(List.of(DIGIT, GPT2), "smollm", "starcoder", "refact", "codeshell", "exaone"),
              family(new Known(List.of(DIGIT, GPT2), true, false, true), "command-r"),
              family(
                  new Known(List.of(LLAMA3), false, true, true),
                  "llama3",
                  "llama-v3",
                  "llama-bpe",
                  "falcon3",
                  "lfm2"),
              family(List.of(LLAMA3), "dbrx", "smaug-bpe", "chatglm-bpe"),
              family(new Known(List.of(LLAMA3), false, true, false), "glm4", "glm5"),
              family(
                  new Known(List.of(QWEN2), true, false, false),
                  "qwen2",
                  "deepseek-r1-qwen",
                  "megrez"),
              family(new Known(List.of(QWEN35), true, false, false), "qwen35"),
              family(DEEPSEEK_V3, "deepseek-v3", "hunyuan-dense", "joyai-llm"),
              family(DEEPSEEK_CODER, "deepseek-coder"),
              family(new Known(List.of(TEKKEN), false, true, true), "tekken"),
              family(List.of(O200K), "gpt-4o", "llama4", "kanana2", "minimax-m2"),
              family(List.of(SEED_CODER), "seed-coder"),
              family(List.of(BAILING), "bailingmoe", "bailingmoe2", "llada-moe"))
          .flatMap(Function.identity())
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private PreTokenizers() {}

  private static Stream<Map.Entry<String, Known>> family(List<String> patterns, String... names) {
    return family(new Known(patterns, false, false, false), names);
  }

  private static Stream<Map.Entry<String, Known>> family(Known known, String... names) {
    return Stream.of(names).map(name -> Map.entry(name, known));
  }

  static Splitter isolated(String pattern) {
    return new Splitter.Regex(Regexes.compile(pattern), Splitter.Behavior.ISOLATED, false);
  }

  /** The one called {@code name}. */
  static Known named(String name) {
    Known known = KNOWN.get(name);
    if (known == null) {
      throw new UnsupportedModelException(
          "tokenizer.ggml.pre=%s is not known here, and a guess would silently make answers worse;"
                  .formatted(name)
              + " known are "
              + String.join(", ", new TreeSet<>(KNOWN.keySet())));
    }
    return known;
  }
}
