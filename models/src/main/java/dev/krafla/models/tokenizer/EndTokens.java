package dev.krafla.models.tokenizer;

import java.util.Set;

/** Texts of control tokens that end a turn whatever else a file says of them. */
final class EndTokens {
  private static final Set<String> NAMES =
      Set.of(
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<end_of_turn>",
          "<turn|>",
          "<|end_of_turn|>",
          "<|END_OF_TURN_TOKEN|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<｜end▁of▁sentence｜>",
          "<end_of_utterance>",
          "<|eot|>",
          "[e~[");

  private EndTokens() {}

  static boolean isEnd(String text) {
    return NAMES.contains(text);
  }
}
