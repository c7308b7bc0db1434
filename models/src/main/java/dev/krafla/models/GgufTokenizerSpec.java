package dev.krafla.models;

import dev.krafla.models.tokenizer.TokenizerSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code tokenizer.*} keys of GGUF metadata. */
final class GgufTokenizerSpec {
  private static final String TEMPLATE = "tokenizer.chat_template";

  private GgufTokenizerSpec() {}

  /**
   * What the file says of its tokenizer.
   *
   * @throws ModelFormatException when it names none, or its parts do not fit
   */
  static TokenizerSpec read(GgufFile file) {
    GgufMetadata m = file.metadata();
    String model = m.string(key("model")).orElseThrow(() -> missing(file, key("model")));
    List<String> tokens = m.strings(key("tokens")).orElseThrow(() -> missing(file, key("tokens")));
    Set<Integer> end = new HashSet<>();
    id(m, "eot_token_id").ifPresent(end::add);
    id(m, "eom_token_id").ifPresent(end::add);
    m.ints(key("eos_token_ids")).ifPresent(ids -> java.util.Arrays.stream(ids).forEach(end::add));
    return new TokenizerSpec(
        model,
        m.string(key("pre")),
        tokens,
        m.ints(key("token_type")).orElse(new int[0]),
        m.floats(key("scores")).orElse(new float[0]),
        m.strings(key("merges")).orElse(List.of()),
        id(m, "bos_token_id"),
        id(m, "eos_token_id"),
        id(m, "unknown_token_id"),
        end,
        m.bool(key("add_bos_token")),
        m.bool(key("add_eos_token")),
        m.bool(key("add_space_prefix")));
  }

  /** The file's chat template, compiled; empty for a base model. */
  static Optional<ChatTemplate> chatTemplate(GgufFile file, TokenizerSpec spec) {
    return file.metadata()
        .string(TEMPLATE)
        .map(source ->
            ChatTemplates.compile(source, text(spec, spec.bos()), text(spec, spec.eos())));
  }

  private static String text(TokenizerSpec spec, OptionalInt id) {
    return id.isPresent() ? spec.tokens().get(id.getAsInt()) : "";
  }

  private static OptionalInt id(GgufMetadata m, String name) {
    Optional<Long> id = m.integer(key(name));
    // Some converters write -1 (as uint32) for "none"; TokenizerSpec refuses what is not in range.
    return id.isEmpty() || id.get() == 0xFFFF_FFFFL || id.get() == -1
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.min(id.get(), Integer.MAX_VALUE));
  }

  private static String key(String name) {
    return "tokenizer.ggml." + name;
  }

  private static ModelFormatException missing(GgufFile file, String key) {
    return new ModelFormatException(
        "%s: metadata \"%s\" is missing; the file has no tokenizer and cannot be used alone"
            .formatted(file.path(), key));
  }
}
