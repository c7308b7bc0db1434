package dev.krafla.models;

/**
 * Token ids to text piece by piece, never emitting half a character: bytes of an unfinished UTF-8
 * sequence wait for the next token; bytes that can never become a character come out as U+FFFD. The
 * leading space of SentencePiece tokens is kept, as the text continues a prompt. One stream each;
 * not thread-safe.
 */
public final class StreamDecoder {
  private final Tokenizer tokenizer;
  private final boolean skipSpecial;
  private final Utf8Decoder utf8 = new Utf8Decoder();

  public StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
  }

  /** Text that {@code id} completes; empty while a character is unfinished. */
  public String add(int id) {
    return utf8.add(tokenizer.tokenBytes(id, skipSpecial));
  }

  /** Text of the bytes still waiting, as the stream has ended. */
  public String finish() {
    return utf8.finish();
  }
}
