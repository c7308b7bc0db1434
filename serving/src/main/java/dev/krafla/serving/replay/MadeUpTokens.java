package dev.krafla.serving.replay;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * Token ids in place of texts that nobody recorded: equal hash ids give equal blocks, different
 * ones different blocks, and all of it depends on nothing but the seed. A block begins with its id,
 * written in digits that are tokens, so that two blocks can never be equal by chance; the rest is
 * noise. Immutable and thread-safe.
 */
public final class MadeUpTokens {
  private final int[] alphabet;
  private final long seed;

  /**
   * @param alphabet ids that may be used
   */
  private MadeUpTokens(int[] alphabet, long seed) {
    this.alphabet = alphabet;
    this.seed = seed;
  }

  /**
   * Tokens from those of {@code from} to below {@code to} that are {@code ordinary}.
   *
   * @throws InvalidTrace when fewer than two are
   */
  public static MadeUpTokens of(int from, int to, IntPredicate ordinary, long seed) {
    int[] alphabet = java.util.stream.IntStream.range(from, to).filter(ordinary).toArray();
    if (alphabet.length < 2) {
      throw new InvalidTrace(
          "ids %d to %d have %d ordinary tokens; made-up prompts need two or more"
              .formatted(from, to - 1, alphabet.length));
    }
    var random = new SplittableRandom(seed);
    for (int i = alphabet.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = alphabet[i];
      alphabet[i] = alphabet[j];
      alphabet[j] = swapped;
    }
    return new MadeUpTokens(alphabet, seed);
  }

  /** Tokens that a block needs at its beginning so that ids up to {@code maxId} differ. */
  int digits(int maxId) {
    int digits = 1;
    for (long reach = alphabet.length; reach <= maxId; reach *= alphabet.length) {
      digits++;
    }
    return digits;
  }

  /**
   * The first {@code length} tokens of the blocks {@code ids}.
   *
   * @param blockTokens tokens of a full block
   * @param digits as {@link #digits} gives them for the largest id of the load
   */
  int[] prompt(List<Integer> ids, int length, int blockTokens, int digits) {
    int[] tokens = new int[length];
    for (int block = 0; block * blockTokens < length; block++) {
      int from = block * blockTokens;
      fill(tokens, from, Math.min(length, from + blockTokens), ids.get(block), digits);
    }
    return tokens;
  }

  private void fill(int[] tokens, int from, int to, int id, int digits) {
    var noise = new SplittableRandom(seed * 31 + id);
    int rest = id;
    for (int i = from; i < to; i++) {
      if (i - from < digits) {
        tokens[i] = alphabet[rest % alphabet.length];
        rest /= alphabet.length;
      } else {
        tokens[i] = alphabet[noise.nextInt(alphabet.length)];
      }
    }
  }
}
