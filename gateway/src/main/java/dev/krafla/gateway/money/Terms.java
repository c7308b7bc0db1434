package dev.krafla.gateway.money;

import java.util.List;
import java.util.OptionalLong;

/**
 * What an account may take. What is absent has no limit.
 *
 * @param budgets at most one per period
 * @param requestsPerMinute in any 60 seconds
 * @param tokensPerMinute prompt and completion together, in any 60 seconds
 * @param concurrency requests under way at once
 */
public record Terms(
    List<Budget> budgets,
    OptionalLong requestsPerMinute,
    OptionalLong tokensPerMinute,
    OptionalLong concurrency) {
  /** No limit at all. */
  public static final Terms UNLIMITED =
      new Terms(List.of(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  public Terms {
    budgets = List.copyOf(budgets);
    if (budgets.stream().map(Budget::period).distinct().count() < budgets.size()) {
      throw new IllegalArgumentException(
          "two budgets have the same period: %s; keep one of each".formatted(budgets));
    }
    positive("requests per minute", requestsPerMinute);
    positive("tokens per minute", tokensPerMinute);
    positive("concurrency", concurrency);
  }

  /** The same with only these budgets. */
  public Terms withBudgets(List<Budget> others) {
    return new Terms(others, requestsPerMinute, tokensPerMinute, concurrency);
  }

  private static void positive(String what, OptionalLong limit) {
    if (limit.isPresent() && limit.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "%s is %d; it must be 1 or more, or be left out".formatted(what, limit.getAsLong()));
    }
  }

  /**
   * The most that may be spent in a period.
   *
   * @param tokens prompt and completion together
   */
  public record Budget(Period period, OptionalLong nanodollars, OptionalLong tokens) {
    public Budget {
      if (nanodollars.isEmpty() && tokens.isEmpty()) {
        throw new IllegalArgumentException("a budget needs an amount of money, of tokens, or both");
      }
      notNegative(nanodollars);
      notNegative(tokens);
    }

    private static void notNegative(OptionalLong amount) {
      if (amount.isPresent() && amount.getAsLong() < 0) {
        throw new IllegalArgumentException(
            "a budget is %d; it must be 0 or more".formatted(amount.getAsLong()));
      }
    }
  }
}
