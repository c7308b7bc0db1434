package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads lists of merges, best first. */
final class MergeLists {
  private static final byte[] NOTHING = {};

  private MergeLists() {}

  /** Merges written "left right" as a table for {@link MergeRule.Pairs}. */
  static LongTable table(
      Vocabulary vocabulary, List<String> merges, Function<String, Optional<byte[]>> bytesOf) {
    var table = new LongTable(merges.size());
    for (int rank = 0; rank < merges.size(); rank++) {
      String merge = merges.get(rank);
      int cut = cut(merge);
      add(table, vocabulary, rank, merge.substring(0, cut), merge.substring(cut + 1), bytesOf);
    }
    return table;
  }

  /** Where the space between the two halves is: neither half is empty. */
  static int cut(String merge) {
    int cut = merge.indexOf(' ', 1);
    if (cut < 0 || cut == merge.length() - 1) {
      throw new ModelFormatException("merge '%s' is not two tokens with a space".formatted(merge));
    }
    return cut;
  }

  /**
   * Adds one merge. {@code bytesOf} gives a token's bytes, or nothing for one that no text can give
   * (not written in the byte alphabet): its merge is left out.
   */
  static void add(
      LongTable table,
      Vocabulary vocabulary,
      int rank,
      String left,
      String right,
      Function<String, Optional<byte[]>> bytesOf) {
    byte[] leftBytes = bytesOf.apply(left).orElse(NOTHING);
    byte[] rightBytes = bytesOf.apply(right).orElse(NOTHING);
    if (leftBytes.length == 0 || rightBytes.length == 0) {
      return;
    }
    byte[] both = Arrays.copyOf(leftBytes, leftBytes.length + rightBytes.length);
    System.arraycopy(rightBytes, 0, both, leftBytes.length, rightBytes.length);
    int leftId = vocabulary.find(leftBytes);
    int rightId = vocabulary.find(rightBytes);
    int joined = vocabulary.find(both);
    if (leftId < 0 || rightId < 0 || joined < 0) {
      throw new ModelFormatException(
          "merge %d, '%s' + '%s', is not made of tokens of the vocabulary"
              .formatted(rank, left, right));
    }
    table.putIfAbsent(MergeRule.Pairs.key(leftId, rightId), (long) rank << 32 | joined);
  }
}
