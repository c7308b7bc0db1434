package dev.krafla.bench;

import dev.krafla.models.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/**
 * A vocabulary of the size and kind that models have (bytes, numbers, punctuation of JSON, words
 * with and without a space before them) from a seed, so that benchmarks need no model.
 */
final class SyntheticTokenizer implements Tokenizer {
  private static final int END = 0;
  private static final List<String> PUNCTUATION =
      List.of(
          "{\"", "\":", "\": ", "\": \"", "\",", "\", \"", "\"}", "}, {\"", "}]", "}]}", "[{\"",
          ", ", "],", "true", "false", "null", "\n", "\n  ", "  ", "\\n", "\\\"", "\\u00");
  private static final List<String> SYLLABLES =
      List.of(
          "a", "be", "con", "de", "er", "fi", "ga", "ha", "in", "jo", "ki", "la", "ment", "no",
          "or", "pre", "qu", "re", "st", "tion", "un", "vi", "wa", "x", "y", "zi", "ör", "本", "на");

  private final List<byte[]> pieces = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>(); // by their bytes, as Latin-1
  private int longest;

  SyntheticTokenizer(int size) {
    add("<end>".getBytes(StandardCharsets.UTF_8));
    for (int b = 0; b < 256; b++) {
      add(new byte[] {(byte) b});
    }
    PUNCTUATION.forEach(this::add);
    for (int n = 0; n < 1000; n++) {
      add(Integer.toString(n));
    }
    var random = new Random(5);
    while (pieces.size() < size) {
      var word = new StringBuilder(random.nextBoolean() ? " " : "");
      for (int i = random.nextInt(4); i >= 0; i--) {
        word.append(SYLLABLES.get(random.nextInt(SYLLABLES.size())));
      }
      add(word.toString());
    }
  }

  private void add(String piece) {
    add(piece.getBytes(StandardCharsets.UTF_8));
  }

  private void add(byte[] piece) {
    if (ids.putIfAbsent(latin1(piece, 0, piece.length), pieces.size()) == null) {
      pieces.add(piece);
      longest = Math.max(longest, piece.length);
    }
  }

  private int id(byte[] bytes, int from, int to) {
    return ids.getOrDefault(latin1(bytes, from, to), -1);
  }

  private static String latin1(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  @Override
  public int vocabSize() {
    return pieces.size();
  }

  /** The longest piece that fits, again and again; there is nothing to add or to parse. */
  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] out = new int[bytes.length];
    int count = 0;
    for (int at = 0; at < bytes.length; count++) {
      int end = Math.min(bytes.length, at + longest);
      int id = id(bytes, at, end);
      while (id < 0) {
        id = id(bytes, at, --end); // ends at one byte, which every vocabulary has
      }
      out[count] = id;
      at = end;
    }
    return Arrays.copyOf(out, count);
  }

  @Override
  public String decode(int[] tokens, boolean skipSpecial) {
    var out = new ByteArrayOutputStream();
    for (int token : tokens) {
      out.writeBytes(tokenBytes(token, skipSpecial));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] tokenBytes(int id, boolean skipSpecial) {
    return skipSpecial && isSpecial(id) ? new byte[0] : pieces.get(id).clone();
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
