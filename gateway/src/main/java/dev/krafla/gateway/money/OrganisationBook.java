package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Spending;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * All accounts of one organisation behind one lock, which is held for a few additions and never
 * while anything waits. No request touches two organisations, so this is the only lock that a
 * reservation needs to be made on all levels or on none.
 */
final class OrganisationBook {
  private final InstantSource clock;
  private final LedgerJournal journal;
  private final LongUnaryOperator nextId;
  private final Calendar calendar; // guarded by this, as what follows
  private final Map<AccountId, Account> accounts = new HashMap<>();
  private long lastId;

  /**
   * @param nextId an id greater than all before, of the time in milliseconds
   */
  OrganisationBook(
      ZoneId zone, InstantSource clock, LedgerJournal journal, LongUnaryOperator nextId) {
    this.clock = clock;
    this.journal = journal;
    this.nextId = nextId;
    this.calendar = new Calendar(zone, clock.millis());
  }

  synchronized Account account(AccountId id) {
    return accounts.computeIfAbsent(id, i -> new Account(i, calendar));
  }

  synchronized void change(AccountId id, String name, Terms terms) {
    account(id).change(name, terms, lastId);
  }

  synchronized void forget(AccountId id) {
    accounts.remove(id);
  }

  synchronized Hold reserve(Account[] path, Caller caller, Estimate most) {
    long now = calendar.advance(clock.millis());
    long tokens = checkedTokens(most);
    for (Account account : path) {
      GatewayRefusal refusal = account.refusal(now, most.nanodollars(), tokens);
      if (refusal != null) {
        throw refusal;
      }
    }
    var hold = new Hold(this, path, nextId.applyAsLong(now), now, caller, most);
    journal.reserved(hold); // may refuse: nothing is held yet
    lastId = hold.id();
    for (Account account : path) {
      account.hold(now, most.nanodollars(), tokens);
    }
    return hold;
  }

  private static long checkedTokens(Estimate most) {
    if (most.promptTokens() < 0 || most.completionTokens() < 0 || most.nanodollars() < 0) {
      throw new IllegalArgumentException("an estimate is negative: " + most);
    }
    try {
      return Math.addExact(most.promptTokens(), most.completionTokens());
    } catch (ArithmeticException e) {
      throw Refusals.tooLarge();
    }
  }

  synchronized void settle(Hold hold, Spending spent) {
    long tokens = Math.addExact(spent.promptTokens(), spent.completionTokens());
    if (spent.nanodollars() < 0 || spent.promptTokens() < 0 || spent.completionTokens() < 0) {
      throw new IllegalArgumentException("a spending is negative: " + spent);
    }
    if (hold.ended()) {
      return;
    }
    long now = calendar.advance(clock.millis());
    journal.settled(
        hold,
        new Usage(
            hold.id(),
            Instant.ofEpochMilli(hold.atMillis()),
            Instant.ofEpochMilli(now),
            Payers.of(hold.caller()),
            hold.most().model(),
            spent,
            Usage.Outcome.SETTLED));
    hold.end();
    for (Account account : hold.path()) {
      account.end(hold, spent.nanodollars(), tokens);
    }
  }

  synchronized void release(Hold hold) {
    if (hold.ended()) {
      return;
    }
    calendar.advance(clock.millis());
    journal.released(hold);
    hold.end();
    for (Account account : hold.path()) {
      account.end(hold, 0, 0);
    }
  }

  /** Charges to {@code path} what was spent at {@code atMillis} beside any hold. */
  synchronized void add(Account[] path, long atMillis, long nanodollars, long tokens) {
    calendar.advance(clock.millis());
    for (Account account : path) {
      account.add(atMillis, nanodollars, tokens);
    }
  }

  synchronized void restore(
      AccountId id, Period period, Instant start, long nanodollars, long tokens) {
    account(id).restore(period, start.toEpochMilli(), nanodollars, tokens);
  }

  synchronized List<Balance> balances(AccountId id) {
    calendar.advance(clock.millis());
    return account(id).balances();
  }

  synchronized long underWay(AccountId id) {
    return account(id).underWay();
  }

  synchronized List<AccountId> accounts() {
    return new ArrayList<>(accounts.keySet());
  }
}
