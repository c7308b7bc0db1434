package dev.krafla.gateway.route;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** In which order a route's targets are asked. */
public enum Order {
  /** As they are listed: the others when the first fails. */
  PRIORITY,
  /** Spread by weight; of one session always the same while it answers. */
  WEIGHTED,
  /** The cheapest for this request first. */
  CHEAPEST;

  /** As in files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The order with this word. */
  public static Optional<Order> of(String word) {
    return Arrays.stream(values()).filter(o -> o.word().equals(word)).findFirst();
  }
}
