package dev.krafla.models;

/** Small files as the {@code tokenizers} library writes them. */
final class HandMadeTokenizers {
  static final String CONFIG =
      """
      {"bos_token": "<|start|>", "eos_token": {"content": "<|end|>"}, "add_bos_token": true,
       "chat_template": [{"name": "default", "template": "{{ messages[0].content }}"}]}\
      """;

  private HandMadeTokenizers() {}

  static String json(String kind) {
    return switch (kind) {
      case "byteLevel" -> BYTE_LEVEL;
      case "sentencePiece" -> SENTENCE_PIECE;
      case "unigram" -> UNIGRAM;
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static final String BYTE_LEVEL =
      """
      {"version": "1.0", "truncation": null, "padding": null,
       "added_tokens": [
         {"id": 7, "content": "<|start|>", "special": true, "lstrip": false, "rstrip": false,
          "single_word": false, "normalized": false},
         {"id": 8, "content": "<|end|>", "special": true, "lstrip": true, "rstrip": true,
          "single_word": true, "normalized": true}],
       "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
         {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
         {"type": "Split", "pattern": {"Regex": "[^\\\\r\\\\n\\\\p{L}]?\\\\p{L}+|\\\\s+"},
          "behavior": "Isolated", "invert": false},
         {"type": "Digits", "individual_digits": true},
         {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<|start|>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}],
         "special_tokens": {"<|start|>": {"id": "<|start|>", "ids": [7], "tokens": ["<|start|>"]}}},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "dropout": null, "unk_token": null, "fuse_unk": false,
         "byte_fallback": false, "ignore_merges": true,
         "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġa": 4, "Ġab": 5, "Ċ": 6},
         "merges": [["a", "b"], "Ġ a", "Ġ ab"]}}\
      """;

  private static final String SENTENCE_PIECE =
      """
      {"version": "1.0",
       "added_tokens": [{"id": 0, "content": "<unk>", "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
       "pre_tokenizer": null,
       "post_processor": {"type": "BertProcessing", "cls": ["<unk>", 0], "sep": ["<unk>", 0]},
       "decoder": {"type": "Sequence", "decoders": [
         {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
         {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1}]},
       "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
         "vocab": {"<unk>": 0, "<0xE4>": 1, "<0x09>": 2, "▁": 3, "a": 4, "b": 5, "ab": 6, "▁a": 7},
         "merges": ["a b", "▁ a"]}}\
      """;

  private static final String UNIGRAM =
      """
      {"added_tokens": [{"id": 1, "content": "</s>", "special": true}],
       "normalizer": {"type": "NFKC"},
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
         "split": true},
       "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
       "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
         "vocab": [["<unk>", 0.0], ["</s>", 0.0], ["▁", -2.0], ["a", -3.5], ["▁ab", -1.5]]}}\
      """;
}
