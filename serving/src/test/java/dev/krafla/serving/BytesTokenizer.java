package dev.krafla.serving;

import dev.krafla.models.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Tokens 0 to 255 are bytes; special tokens follow. */
final class BytesTokenizer implements Tokenizer {
  /** Opens the assistant's turn. */
  static final int ASSISTANT = 256;

  static final int END = 257;
  static final int BEGIN = 258;

  private final List<String> special;

  BytesTokenizer() {
    this(List.of("<|assistant|>", "<|end|>", "<|begin|>"));
  }

  /**
   * @param special the three above, then others
   */
  BytesTokenizer(List<String> special) {
    this.special = special;
  }

  @Override
  public int vocabSize() {
    return ASSISTANT + special.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    IntStream.Builder ids = IntStream.builder();
    if (addSpecial) {
      ids.add(BEGIN);
    }
    int at = 0;
    while (at < text.length()) {
      int here = at;
      OptionalInt found =
          parseSpecial
              ? IntStream.range(0, special.size())
                  .filter(i -> text.startsWith(special.get(i), here))
                  .findFirst()
              : OptionalInt.empty();
      if (found.isPresent()) {
        ids.add(ASSISTANT + found.getAsInt());
        at += special.get(found.getAsInt()).length();
      } else {
        int length = Character.charCount(text.codePointAt(at));
        for (byte b : text.substring(at, at + length).getBytes(StandardCharsets.UTF_8)) {
          ids.add(Byte.toUnsignedInt(b));
        }
        at += length;
      }
    }
    return ids.build().toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(tokenBytes(id, skipSpecial));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] tokenBytes(int id, boolean skipSpecial) {
    if (!isSpecial(id)) {
      return new byte[] {(byte) id};
    }
    return skipSpecial ? new byte[0] : special.get(id - ASSISTANT).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= ASSISTANT;
  }

  @Override
  public OptionalInt specialId(String text) {
    int index = special.indexOf(text);
    return index < 0 ? OptionalInt.empty() : OptionalInt.of(ASSISTANT + index);
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.of(BEGIN);
  }

  @Override
  public Set<Integer> endTokens() {
    return Set.of(END);
  }
}
