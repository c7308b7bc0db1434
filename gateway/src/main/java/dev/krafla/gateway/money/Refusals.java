package dev.krafla.gateway.money;

import dev.krafla.gateway.GatewayRefusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** The words in which the ledger says no: whose limit, how much, and when to try again. */
final class Refusals {
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;

  private Refusals() {}

  static GatewayRefusal money(
      String name, Balance balance, long asked, long endMillis, long nowMillis) {
    long limit = balance.budget().flatMap(b -> boxed(b.nanodollars())).orElse(Long.MAX_VALUE);
    return budget(
        name,
        balance,
        "%s is used up: %s spent, %s held by requests under way, and this one may cost up to %s"
            .formatted(
                Nanodollars.text(limit),
                Nanodollars.text(balance.spentNanodollars()),
                Nanodollars.text(balance.reservedNanodollars()),
                Nanodollars.text(asked)),
        endMillis,
        nowMillis);
  }

  static GatewayRefusal tokens(
      String name, Balance balance, long asked, long endMillis, long nowMillis) {
    long limit = balance.budget().flatMap(b -> boxed(b.tokens())).orElse(Long.MAX_VALUE);
    return budget(
        name,
        balance,
        "%,d tokens is used up: %,d spent, %,d held by requests under way, and this one may take up to %,d"
            .formatted(limit, balance.spentTokens(), balance.reservedTokens(), asked),
        endMillis,
        nowMillis);
  }

  private static Optional<Long> boxed(java.util.OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  private static GatewayRefusal budget(
      String name, Balance balance, String how, long endMillis, long nowMillis) {
    boolean ends = balance.period() != Period.TOTAL;
    String remedy =
        ends
            ? "it is renewed at "
                + Instant.ofEpochMilli(endMillis)
                + "; ask for less, or for a larger budget"
            : "ask for a larger budget";
    return new GatewayRefusal(
        TOO_MANY,
        "%s: the %s budget of %s; %s"
            .formatted(name, balance.period().name().toLowerCase(Locale.ROOT), how, remedy),
        "insufficient_quota",
        "insufficient_quota",
        ends ? Optional.of(Duration.ofMillis(endMillis - nowMillis)) : Optional.empty());
  }

  static GatewayRefusal concurrency(String name, long limit) {
    return new GatewayRefusal(
        TOO_MANY,
        "%s: %,d requests are under way, which is the limit; try again when one has ended"
            .formatted(name, limit),
        "requests",
        "concurrency_limit_exceeded",
        Optional.of(Duration.ofSeconds(1)));
  }

  static GatewayRefusal rate(String name, String what, long asked, long limit, long seconds) {
    if (asked > limit) {
      return new GatewayRefusal(
          TOO_MANY,
          "%s: the request may take %,d %s and the limit is %,d per minute, so it can never pass; ask for less"
              .formatted(name, asked, what, limit),
          what,
          "rate_limit_exceeded",
          Optional.empty());
    }
    return new GatewayRefusal(
        TOO_MANY,
        "%s: the limit of %,d %s per minute is reached; try again in %d seconds"
            .formatted(name, limit, what, seconds),
        what,
        "rate_limit_exceeded",
        Optional.of(Duration.ofSeconds(seconds)));
  }

  static GatewayRefusal tooLarge() {
    return new GatewayRefusal(
        TOO_MANY,
        "the request may take more than the ledger can count; ask for less",
        "insufficient_quota",
        "insufficient_quota",
        Optional.empty());
  }

  static GatewayRefusal journal(String why) {
    return new GatewayRefusal(
        UNAVAILABLE,
        "the gateway cannot write down what requests cost, so it sends none: " + why,
        "server_error",
        "ledger_unavailable",
        Optional.of(Duration.ofSeconds(5)));
  }
}
