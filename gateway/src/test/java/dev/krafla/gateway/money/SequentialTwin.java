package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ledger as one would write it without caring for speed or threads: a list of everything that
 * ever happened, added up anew for every question.
 */
final class SequentialTwin {
  private final ZoneId zone;
  private final Map<AccountId, Terms> terms = new HashMap<>();
  private final Map<AccountId, Long> requestsCountAfter = new HashMap<>();
  private final Map<AccountId, Long> tokensCountAfter = new HashMap<>();
  private long lastId;
  private final Map<Long, Entry> entries = new HashMap<>();

  /** A request: what it holds while it is under way, what it took when it has ended. */
  private record Entry(
      long id, Caller caller, long at, long nanodollars, long tokens, boolean underWay) {}

  SequentialTwin(ZoneId zone) {
    this.zone = zone;
  }

  void change(AccountId id, Terms newTerms) {
    Terms old = terms.getOrDefault(id, Terms.UNLIMITED);
    if (old.requestsPerMinute().isEmpty()) {
      requestsCountAfter.put(id, lastId);
    }
    if (old.tokensPerMinute().isEmpty()) {
      tokensCountAfter.put(id, lastId);
    }
    terms.put(id, newTerms);
  }

  boolean mayReserve(Caller caller, long now, long nanodollars, long tokens) {
    return Payers.of(caller).accounts().stream()
        .allMatch(
            id -> fits(id, terms.getOrDefault(id, Terms.UNLIMITED), now, nanodollars, tokens));
  }

  private boolean fits(AccountId id, Terms t, long now, long nanodollars, long tokens) {
    for (Terms.Budget b : t.budgets()) {
      List<Entry> spent = inPeriod(id, b.period(), now);
      if (spent.stream().mapToLong(Entry::nanodollars).sum() + nanodollars
              > b.nanodollars().orElse(Long.MAX_VALUE)
          || spent.stream().mapToLong(Entry::tokens).sum() + tokens
              > b.tokens().orElse(Long.MAX_VALUE)) {
        return false;
      }
    }
    List<Entry> all = of(id);
    List<Entry> minute = all.stream().filter(e -> now / 1000 - e.at() / 1000 <= 60).toList();
    return all.stream().filter(Entry::underWay).count() + 1
            <= t.concurrency().orElse(Long.MAX_VALUE)
        && minute.stream().filter(e -> e.id() > requestsCountAfter.getOrDefault(id, 0L)).count() + 1
            <= t.requestsPerMinute().orElse(Long.MAX_VALUE)
        && minute.stream()
                    .filter(e -> e.id() > tokensCountAfter.getOrDefault(id, 0L))
                    .mapToLong(Entry::tokens)
                    .sum()
                + tokens
            <= t.tokensPerMinute().orElse(Long.MAX_VALUE);
  }

  private List<Entry> of(AccountId id) {
    return entries.values().stream()
        .filter(e -> Payers.of(e.caller()).accounts().contains(id))
        .toList();
  }

  private List<Entry> inPeriod(AccountId id, Period period, long now) {
    Instant start = period.start(Instant.ofEpochMilli(now), zone);
    return of(id).stream().filter(e -> e.at() >= start.toEpochMilli()).toList();
  }

  void reserve(long id, Caller caller, long now, long nanodollars, long tokens) {
    lastId = id;
    entries.put(id, new Entry(id, caller, now, nanodollars, tokens, true));
  }

  void end(long id, long nanodollars, long tokens) {
    Entry e = entries.get(id);
    if (e != null && e.underWay()) {
      entries.put(id, new Entry(id, e.caller(), e.at(), nanodollars, tokens, false));
    }
  }

  /** Money spent and held in each period, from hour to total. */
  List<Long> balances(AccountId id, long now) {
    List<Long> sums = new ArrayList<>();
    for (Period period : Period.values()) {
      sums.add(inPeriod(id, period, now).stream().mapToLong(Entry::nanodollars).sum());
    }
    return sums;
  }
}
