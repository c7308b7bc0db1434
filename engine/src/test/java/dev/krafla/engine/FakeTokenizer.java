package dev.krafla.engine;

import dev.krafla.models.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Tokens 1 to 26 are letters, 27 to 52 pairs of letters; others are a number in brackets. 0 ends an
 * answer.
 */
final class FakeTokenizer implements Tokenizer {
  static final int END = 0;

  @Override
  public int vocabSize() {
    return FakeLm.VOCAB;
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    return text.chars().map(c -> c - 'a' + 1).toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var text = new StringBuilder();
    for (int id : ids) {
      text.append(new String(tokenBytes(id, skipSpecial), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  @Override
  public byte[] tokenBytes(int id, boolean skipSpecial) {
    String text;
    if (isSpecial(id)) {
      text = skipSpecial ? "" : "<end>";
    } else if (id <= 26) {
      text = letter(id - 1);
    } else if (id <= 52) {
      text = letter(id - 27) + letter(id * 7 % 26);
    } else {
      text = "[" + id + "]";
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String letter(int i) {
    return String.valueOf((char) ('a' + i));
  }

  @Override
  public boolean isSpecial(int id) {
    return id == END;
  }

  @Override
  public OptionalInt specialId(String text) {
    return text.equals("<end>") ? OptionalInt.of(END) : OptionalInt.empty();
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.empty();
  }

  @Override
  public Set<Integer> endTokens() {
    return Set.of(END);
  }
}
