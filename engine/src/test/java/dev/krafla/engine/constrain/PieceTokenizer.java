package dev.krafla.engine.constrain;

import dev.krafla.models.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A tokenizer of given pieces, every single byte and two control tokens; takes the longest piece
 * that fits. Pieces may cross JSON's token borders and split characters, as real ones do.
 */
final class PieceTokenizer implements Tokenizer {
  static final int END = 0;
  static final int CONTROL = 1;

  private final List<byte[]> pieces = new ArrayList<>();

  PieceTokenizer(List<byte[]> extra) {
    pieces.add("<end>".getBytes(StandardCharsets.UTF_8));
    pieces.add("{".getBytes(StandardCharsets.UTF_8)); // a control token that looks like text
    for (int b = 0; b < 256; b++) {
      pieces.add(new byte[] {(byte) b});
    }
    pieces.addAll(extra);
  }

  /** Pieces as JSON answers have them. */
  static PieceTokenizer usual() {
    var extra = new ArrayList<byte[]>();
    for (String s :
        List.of(
            "{\"",
            "\":",
            "\": ",
            "\",",
            "\", \"",
            "\"}",
            "\"}]",
            "}}",
            "[]",
            "[{",
            "},",
            "}, {",
            "\": \"",
            "\":\"",
            "true",
            "false",
            "null",
            "tru",
            " \"",
            "\n",
            "\n  ",
            "\n    ",
            "  ",
            "name",
            "na",
            "the",
            " the",
            "ing",
            "hello",
            "12",
            "2026",
            "-",
            "00",
            "000",
            "0.",
            ".5",
            "e+",
            "1e",
            "\\n",
            "\\\"",
            "\\u",
            "\\u00",
            "\\\\",
            "a",
            "b",
            "\"a\"",
            "abc",
            "xyz",
            "@example",
            ".com",
            "é",
            "日本",
            "日",
            "😀",
            " 日本語",
            "éé",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "-01-",
            "T1",
            "ten",
            "red",
            "green",
            "blue",
            "value",
            "\":[",
            "],\"",
            "\"]")) {
      extra.add(s.getBytes(StandardCharsets.UTF_8));
    }
    byte[] japanese = "日本".getBytes(StandardCharsets.UTF_8);
    extra.add(Arrays.copyOfRange(japanese, 1, 4)); // ends and begins within characters
    extra.add(Arrays.copyOf("😀".getBytes(StandardCharsets.UTF_8), 2));
    return new PieceTokenizer(extra);
  }

  @Override
  public int vocabSize() {
    return pieces.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var ids = new ArrayList<Integer>();
    for (int at = 0; at < bytes.length; ) {
      int best = -1;
      for (int id = 2; id < pieces.size(); id++) {
        byte[] p = pieces.get(id);
        if (at + p.length <= bytes.length
            && Arrays.equals(p, 0, p.length, bytes, at, at + p.length)
            && (best < 0 || p.length > pieces.get(best).length)) {
          best = id;
        }
      }
      ids.add(best);
      at += pieces.get(best).length;
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var out = new ByteArrayOutputStream();
    for (int id : ids) {
      out.writeBytes(tokenBytes(id, skipSpecial));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] tokenBytes(int id, boolean skipSpecial) {
    return skipSpecial && isSpecial(id) ? new byte[0] : pieces.get(id).clone();
  }

  @Override
  public boolean isSpecial(int id) {
    return id <= CONTROL;
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
