package dev.krafla.models;

import java.util.OptionalInt;
import java.util.Set;

/** Text to token ids and back, as the model's own tokenizer does it. Immutable and thread-safe. */
public interface Tokenizer {
  int vocabSize();

  /**
   * Ids of {@code text}.
   *
   * @param addSpecial add the tokens the model's metadata asks for at the start and end (BOS, EOS)
   * @param parseSpecial read special tokens written out in the text ("&lt;|im_end|&gt;") as tokens;
   *     false for text from outside that must not forge them
   */
  int[] encode(String text, boolean addSpecial, boolean parseSpecial);

  /**
   * Text of {@code ids}, invalid UTF-8 as U+FFFD. {@code skipSpecial} leaves out control tokens.
   */
  String decode(int[] ids, boolean skipSpecial);

  /**
   * Raw bytes of one token as it appears in running text; empty for control tokens when {@code
   * skipSpecial}.
   */
  byte[] tokenBytes(int id, boolean skipSpecial);

  /** Whether {@code id} is a control token (never part of ordinary text). */
  boolean isSpecial(int id);

  /** Id of a special token by its text. */
  OptionalInt specialId(String text);

  OptionalInt bos();

  /** Tokens that end an answer (EOS, end of turn). */
  Set<Integer> endTokens();
}
