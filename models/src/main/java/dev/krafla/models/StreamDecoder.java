package dev.krafla.models;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Token ids to text piece by piece, never emitting half a character: bytes of an unfinished UTF-8
 * sequence wait for the next token; bytes that can never become a character come out as U+FFFD. One
 * stream each; not thread-safe.
 */
public final class StreamDecoder {
  private static final int LONGEST_PENDING = 4;

  private final Tokenizer tokenizer;
  private final boolean skipSpecial;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer pending = ByteBuffer.allocate(0);

  public StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
  }

  /** Text that {@code id} completes; empty while a character is unfinished. */
  public String add(int id) {
    return decode(tokenizer.tokenBytes(id, skipSpecial), false);
  }

  /** Text of the bytes still waiting, as the stream has ended. */
  public String finish() {
    return decode(new byte[0], true);
  }

  private String decode(byte[] bytes, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(pending.remaining() + bytes.length);
    in.put(pending).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_PENDING);
    utf8.decode(in, out, end);
    if (end) {
      utf8.flush(out);
      utf8.reset();
    }
    pending = in; // the unfinished tail
    return out.flip().toString();
  }
}
