package dev.krafla.engine;

import dev.krafla.kernels.KvCache;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Beginnings of prompts that the operator declares to be no tenant's secret, as the system prompt
 * of a product: their blocks are shared by all tenants and salts. A prompt shares the whole blocks
 * in which it agrees with one of them from its first token on, and nothing after; so nobody can
 * learn from hits or times what another has sent, but for how much of what is declared here.
 *
 * <p>Workers that share stores, or hand prompts to each other, should declare the same: keys depend
 * on it.
 */
public final class SharedPrefixes {
  /** No beginning is shared between tenants. */
  public static final SharedPrefixes NONE = new SharedPrefixes(List.of());

  private final List<int[]> prefixes;

  private SharedPrefixes(List<int[]> prefixes) {
    this.prefixes = prefixes;
  }

  /** Declares {@code prefixes}, each the tokens of a prompt's beginning. */
  public static SharedPrefixes of(Collection<int[]> prefixes) {
    return new SharedPrefixes(prefixes.stream().map(int[]::clone).toList());
  }

  /** How many whole blocks of {@code prompt}'s beginning are declared. */
  int blocks(int[] prompt) {
    int most = 0;
    for (int[] prefix : prefixes) {
      int differ = Arrays.mismatch(prefix, prompt);
      int same = differ < 0 ? prompt.length : differ;
      most = Math.max(most, same / KvCache.BLOCK_TOKENS);
    }
    return most;
  }
}
