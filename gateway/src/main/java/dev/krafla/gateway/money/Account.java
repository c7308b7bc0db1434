package dev.krafla.gateway.money;

import dev.krafla.gateway.GatewayRefusal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one organisation, team, person, app or key has spent and holds, in the current hour, day,
 * week, month and in total, whether it has a budget there or not: so a new budget counts at once
 * what was spent before it.
 *
 * <p>Guarded by its book's lock, all of it.
 */
final class Account {
  private static final Period[] PERIODS = Period.values();
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final AccountId id;
  private final Calendar calendar;
  private final Map<Period, Sums> sums = new EnumMap<>(Period.class);
  private String name;
  private Terms terms = Terms.UNLIMITED;
  private @Nullable MinuteWindow requests; // of the last minute, where they are limited
  private @Nullable MinuteWindow tokens;
  private long requestsPerMinute = NO_LIMIT;
  private long tokensPerMinute = NO_LIMIT;
  private long concurrency = NO_LIMIT;
  private long underWay;

  /** One period's money and tokens. A limit that is not set is the most that can be counted. */
  private static final class Sums {
    long since; // the calendar's turn in which these were counted
    long nanodollars;
    long reservedNanodollars;
    long tokens;
    long reservedTokens;
    long mostNanodollars = NO_LIMIT;
    long mostTokens = NO_LIMIT;
  }

  Account(AccountId id, Calendar calendar) {
    this.id = id;
    this.calendar = calendar;
    this.name = id.toString();
    for (Period period : PERIODS) {
      sums.put(period, new Sums());
    }
  }

  AccountId id() {
    return id;
  }

  Terms terms() {
    return terms;
  }

  /**
   * Changes what may be taken from now on; what is held already stays.
   *
   * @param newName for messages
   * @param lastId of the last hold that was made: a rate's count begins after it
   */
  void change(String newName, Terms newTerms, long lastId) {
    name = newName;
    terms = newTerms;
    requestsPerMinute = newTerms.requestsPerMinute().orElse(NO_LIMIT);
    tokensPerMinute = newTerms.tokensPerMinute().orElse(NO_LIMIT);
    concurrency = newTerms.concurrency().orElse(NO_LIMIT);
    requests = window(requests, newTerms.requestsPerMinute(), lastId);
    tokens = window(tokens, newTerms.tokensPerMinute(), lastId);
    for (Sums s : sums.values()) {
      s.mostNanodollars = NO_LIMIT;
      s.mostTokens = NO_LIMIT;
    }
    for (Terms.Budget budget : newTerms.budgets()) {
      Sums s = of(budget.period());
      s.mostNanodollars = budget.nanodollars().orElse(NO_LIMIT);
      s.mostTokens = budget.tokens().orElse(NO_LIMIT);
    }
  }

  private static @Nullable MinuteWindow window(
      @Nullable MinuteWindow has, OptionalLong limit, long lastId) {
    if (limit.isEmpty()) {
      return null;
    }
    return has == null ? new MinuteWindow(lastId) : has;
  }

  /** Why so much cannot be reserved now; null when it can. Changes nothing but the calendar. */
  @Nullable GatewayRefusal refusal(long nowMillis, long askedNanodollars, long askedTokens) {
    for (Period period : PERIODS) {
      Sums s = current(period);
      if (s.mostNanodollars - s.nanodollars - s.reservedNanodollars < askedNanodollars) {
        return Refusals.money(
            name, balance(period), askedNanodollars, calendar.end(period), nowMillis);
      }
      if (s.mostTokens - s.tokens - s.reservedTokens < askedTokens) {
        return Refusals.tokens(name, balance(period), askedTokens, calendar.end(period), nowMillis);
      }
    }
    if (underWay >= concurrency) {
      return Refusals.concurrency(name, concurrency);
    }
    long second = nowMillis / 1000;
    if (requests != null && requests.sum(second) + 1 > requestsPerMinute) {
      return Refusals.rate(
          name,
          "requests",
          1,
          requestsPerMinute,
          requests.secondsUntil(second, 1, requestsPerMinute));
    }
    if (tokens != null && tokens.sum(second) + askedTokens > tokensPerMinute) {
      return Refusals.rate(
          name,
          "tokens",
          askedTokens,
          tokensPerMinute,
          tokens.secondsUntil(second, askedTokens, tokensPerMinute));
    }
    return null;
  }

  /** Holds it; {@link #refusal} has just said that it may. */
  void hold(long nowMillis, long nanodollars, long heldTokens) {
    for (Period period : PERIODS) {
      Sums s = current(period);
      s.reservedNanodollars += nanodollars; // cannot overflow: it fits under a limit
      s.reservedTokens += heldTokens;
    }
    underWay++;
    if (requests != null) {
      requests.add(nowMillis / 1000, 1);
    }
    if (tokens != null) {
      tokens.add(nowMillis / 1000, heldTokens);
    }
  }

  /** Ends a hold: what it took stays, the rest is free again. */
  void end(Hold hold, long tookNanodollars, long tookTokens) {
    for (Period period : PERIODS) {
      Sums s = current(period);
      if (calendar.isIn(period, hold.atMillis())) {
        s.reservedNanodollars -= hold.most().nanodollars();
        s.reservedTokens -= hold.tokens();
        assert s.reservedNanodollars >= 0 && s.reservedTokens >= 0
            : id + " holds less than nothing";
      }
    }
    underWay--;
    assert underWay >= 0 : id + " has less than no request under way";
    if (tokens != null) {
      tokens.correct(hold.id(), hold.atMillis() / 1000, tookTokens - hold.tokens());
    }
    add(hold.atMillis(), tookNanodollars, tookTokens);
  }

  /** Charges what was spent at a moment to the periods that it lies in; negative takes it back. */
  void add(long atMillis, long nanodollars, long spentTokens) {
    for (Period period : PERIODS) {
      if (calendar.isIn(period, atMillis)) {
        Sums s = current(period);
        s.nanodollars = Math.addExact(s.nanodollars, nanodollars);
        s.tokens = Math.addExact(s.tokens, spentTokens);
      }
    }
  }

  /** Charges to one period what it had spent before this process, as {@link Ledger#restore}. */
  void restore(Period period, long startMillis, long nanodollars, long spentTokens) {
    if (calendar.start(period) == startMillis) {
      Sums s = current(period);
      s.nanodollars = Math.addExact(s.nanodollars, nanodollars);
      s.tokens = Math.addExact(s.tokens, spentTokens);
    }
  }

  private Sums of(Period period) {
    return Objects.requireNonNull(sums.get(period));
  }

  private Sums current(Period period) {
    Sums s = of(period);
    long turn = calendar.turn(period);
    if (s.since != turn) {
      s.since = turn;
      s.nanodollars = 0;
      s.reservedNanodollars = 0;
      s.tokens = 0;
      s.reservedTokens = 0;
    }
    return s;
  }

  Balance balance(Period period) {
    Sums s = current(period);
    Optional<Terms.Budget> budget =
        terms.budgets().stream().filter(b -> b.period() == period).findFirst();
    return new Balance(
        period,
        Instant.ofEpochMilli(calendar.start(period)),
        Instant.ofEpochMilli(calendar.end(period)),
        budget,
        s.nanodollars,
        s.reservedNanodollars,
        s.tokens,
        s.reservedTokens);
  }

  List<Balance> balances() {
    List<Balance> all = new ArrayList<>();
    for (Period period : PERIODS) {
      all.add(balance(period));
    }
    return all;
  }

  /** Requests that are reserved and have not ended. */
  long underWay() {
    return underWay;
  }
}
