package dev.krafla.serving.ledger;

import java.math.BigDecimal;
import java.util.Map;

/**
 * What a second of each worker's computing costs.
 *
 * @param euroPerSecond by the worker's name; {@value #ANY} stands for those that are not named
 */
public record PriceTable(Map<String, BigDecimal> euroPerSecond) {
  /** Every other worker. */
  public static final String ANY = "*";

  /** Nothing costs anything. */
  public static final PriceTable FREE = new PriceTable(Map.of());

  public PriceTable {
    euroPerSecond = Map.copyOf(euroPerSecond);
    euroPerSecond.forEach((worker, price) -> {
      if (price.signum() < 0) {
        throw new IllegalArgumentException(
            "the price of worker %s is %s; it must be 0 or more".formatted(worker, price));
      }
    });
  }

  /** Euro per second of {@code worker}; 0 where the table does not say. */
  public BigDecimal of(String worker) {
    BigDecimal own = euroPerSecond.get(worker);
    return own != null ? own : euroPerSecond.getOrDefault(ANY, BigDecimal.ZERO);
  }
}
