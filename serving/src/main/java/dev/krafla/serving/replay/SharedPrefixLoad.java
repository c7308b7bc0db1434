package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Made-up load: requests that share their first tokens and go on by themselves.
 *
 * @param requests how many
 * @param prefixTokens tokens that all share; may be 0
 * @param ownTokens tokens of each alone, after them
 * @param outputTokens tokens of each answer
 */
public record SharedPrefixLoad(int requests, int prefixTokens, int ownTokens, int outputTokens) {
  public SharedPrefixLoad {
    if (requests < 1 || prefixTokens < 0 || ownTokens < 1 || outputTokens < 1) {
      throw new IllegalArgumentException(
          "requests=%d prefixTokens=%d ownTokens=%d outputTokens=%d"
              .formatted(requests, prefixTokens, ownTokens, outputTokens));
    }
  }

  /** The requests, all due at once. */
  public List<Work> works(MadeUpTokens tokens) {
    int digits = tokens.digits(requests);
    var works = new ArrayList<Work>(requests);
    for (int i = 0; i < requests; i++) {
      int own = i + 1; // 0 is the prefix
      works.add(new Work(i, Duration.ZERO, outputTokens, () -> prompt(tokens, own, digits)));
    }
    return works;
  }

  private int[] prompt(MadeUpTokens tokens, int own, int digits) {
    int[] shared = tokens.prompt(List.of(0), prefixTokens, Math.max(1, prefixTokens), digits);
    int[] rest = tokens.prompt(List.of(own), ownTokens, ownTokens, digits);
    int[] prompt = new int[prefixTokens + ownTokens];
    System.arraycopy(shared, 0, prompt, 0, prefixTokens);
    System.arraycopy(rest, 0, prompt, prefixTokens, ownTokens);
    return prompt;
  }
}
