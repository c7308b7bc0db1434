package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerTest {
  private static final long NOON = Instant.parse("2026-11-24T12:00:00Z").toEpochMilli();
  private static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");

  private final AtomicLong now = new AtomicLong(NOON);

  private Ledger ledger(LedgerJournal journal) {
    var ledger = new Ledger(journal, () -> Instant.ofEpochMilli(now.get()), 0);
    ledger.open(1, ZoneOffset.UTC);
    return ledger;
  }

  private static Caller caller(long key, long team, long user, long app) {
    return new Caller(
        key,
        "key" + key,
        1,
        Optional.of(team).filter(t -> t > 0),
        Optional.of(user).filter(u -> u > 0),
        Optional.of(app).filter(a -> a > 0),
        "salt");
  }

  private static Estimate most(long nanodollars, long tokens) {
    return new Estimate("m", tokens / 2, tokens - tokens / 2, nanodollars);
  }

  private static Spending spent(long nanodollars, long tokens) {
    return new Spending("p", "m", tokens / 2, 0, tokens - tokens / 2, 0, nanodollars);
  }

  private static Terms money(Period period, long nanodollars) {
    return Terms.UNLIMITED.withBudgets(
        List.of(new Terms.Budget(period, OptionalLong.of(nanodollars), OptionalLong.empty())));
  }

  @ParameterizedTest
  @EnumSource(Level.class)
  void everyLevelsBudgetIsKept(Level level) {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 2, 3, 4);
    long id =
        Payers.of(caller).accounts().stream()
            .filter(a -> a.level() == level)
            .findFirst()
            .orElseThrow()
            .id();
    ledger.change(1, new AccountId(level, id), "the " + level, money(Period.DAY, 100));
    Ledger.Path path = ledger.path(caller);

    Reservation first = ledger.reserve(path, caller, most(60, 0));

    assertThatThrownBy(() -> ledger.reserve(path, caller, most(41, 0)))
        .asInstanceOf(type(GatewayRefusal.class))
        .satisfies(r -> {
          assertThat(r.status()).isEqualTo(429);
          assertThat(r.getMessage())
              .contains("the " + level, "day budget", "2026-11-25T00:00:00Z", "$0.00000006 held");
          assertThat(r.retryAfter()).contains(java.time.Duration.ofHours(12));
        });

    first.settle(spent(59, 0));
    ledger.reserve(path, caller, most(41, 0)).close();
    assertThatThrownBy(() -> ledger.reserve(path, caller, most(42, 0)))
        .isInstanceOf(GatewayRefusal.class);
  }

  @Test
  void aRefusalOnOneLevelHoldsNothingOnAnother() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 2, 0, 0);
    ledger.change(1, new AccountId(Level.KEY, 5), "key", money(Period.TOTAL, 10));

    assertThatThrownBy(() -> ledger.reserve(ledger.path(caller), caller, most(11, 3)))
        .isInstanceOf(GatewayRefusal.class)
        .hasMessageContaining("total budget");

    assertThat(ledger.balances(1, new AccountId(Level.ORGANISATION, 1)))
        .allSatisfy(b -> {
          assertThat(b.reservedNanodollars()).isZero();
          assertThat(b.reservedTokens()).isZero();
        });
    assertThat(ledger.underWay(1, new AccountId(Level.TEAM, 2))).isZero();
  }

  @Test
  void aRequestThatOutlastsItsDayIsPaidByTheDayThatItBegan() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 0, 0, 0);
    AccountId key = new AccountId(Level.KEY, 5);
    ledger.change(1, key, "key", money(Period.DAY, 100));
    Ledger.Path path = ledger.path(caller);
    Reservation long1 = ledger.reserve(path, caller, most(80, 10));

    now.addAndGet(13 * 3_600_000L); // the next day
    Reservation second = ledger.reserve(path, caller, most(100, 10));
    long1.settle(spent(70, 5));
    second.settle(spent(90, 5));

    assertThat(ledger.balances(1, key).get(1).spentNanodollars()).isEqualTo(90);
    assertThat(ledger.balances(1, key).get(3).spentNanodollars()).isEqualTo(160); // month
  }

  @Test
  void aNewBudgetCountsWhatWasSpentBeforeIt() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 2, 0, 0);
    Ledger.Path path = ledger.path(caller);
    ledger.reserve(path, caller, most(90, 0)).settle(spent(90, 0));

    ledger.change(1, new AccountId(Level.TEAM, 2), "team", money(Period.MONTH, 100));

    assertThatThrownBy(() -> ledger.reserve(path, caller, most(11, 0)))
        .hasMessageContaining("month budget");
  }

  @Test
  void settlingOrClosingTwiceChangesNothing() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 0, 0, 0);
    Reservation r = ledger.reserve(ledger.path(caller), caller, most(90, 8));
    r.settle(spent(20, 4));
    r.settle(spent(30, 4));
    r.close();

    Balance total = ledger.balances(1, new AccountId(Level.KEY, 5)).getLast();
    assertThat(total.spentNanodollars()).isEqualTo(20);
    assertThat(total.reservedNanodollars()).isZero();
    assertThat(total.spentTokens()).isEqualTo(4);
  }

  @Test
  void whatTheUpstreamCountedBeyondTheEstimateIsChargedInFull() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 0, 0, 0);
    AccountId key = new AccountId(Level.KEY, 5);
    ledger.change(1, key, "key", money(Period.DAY, 100));
    ledger.reserve(ledger.path(caller), caller, most(10, 1)).settle(spent(130, 5));

    assertThat(ledger.balances(1, key).get(1).spentNanodollars()).isEqualTo(130);
    assertThatThrownBy(() -> ledger.reserve(ledger.path(caller), caller, most(0, 0)))
        .isInstanceOf(GatewayRefusal.class);
  }

  @Test
  void aRefusedJournalHoldsNothing() {
    var journal =
        new LedgerJournal() {
          @Override
          public void reserved(Hold hold) {
            throw Refusals.journal("it is full");
          }

          @Override
          public void settled(Hold hold, Usage usage) {}

          @Override
          public void released(Hold hold) {}
        };
    Ledger ledger = ledger(journal);
    Caller caller = caller(5, 0, 0, 0);

    assertThatThrownBy(() -> ledger.reserve(ledger.path(caller), caller, most(10, 1)))
        .asInstanceOf(type(GatewayRefusal.class))
        .satisfies(r -> assertThat(r.status()).isEqualTo(503));
    assertThat(ledger.underWay(1, new AccountId(Level.KEY, 5))).isZero();
  }

  @Test
  void amountsThatCannotBeAddedAreRefused() {
    Ledger ledger = ledger(LedgerJournal.NONE);
    Caller caller = caller(5, 0, 0, 0);
    Ledger.Path path = ledger.path(caller);
    ledger.reserve(path, caller, most(Long.MAX_VALUE, Long.MAX_VALUE));

    assertThatThrownBy(() -> ledger.reserve(path, caller, most(1, 0)))
        .isInstanceOf(GatewayRefusal.class);
    assertThatThrownBy(() -> ledger.reserve(path, caller, new Estimate("m", Long.MAX_VALUE, 1, 0)))
        .isInstanceOf(GatewayRefusal.class)
        .hasMessageContaining("more than the ledger can count");
  }

  private static Terms randomTerms(SplittableRandom random) {
    List<Terms.Budget> budgets = new ArrayList<>();
    for (Period period : Period.values()) {
      if (random.nextInt(3) == 0) {
        budgets.add(
            new Terms.Budget(
                period,
                OptionalLong.of(random.nextLong(20_000)),
                random.nextBoolean()
                    ? OptionalLong.of(random.nextLong(5_000))
                    : OptionalLong.empty()));
      }
    }
    return new Terms(budgets, rate(random, 40), rate(random, 4_000), rate(random, 12));
  }

  private static OptionalLong rate(SplittableRandom random, long most) {
    return random.nextInt(4) == 0
        ? OptionalLong.of(1 + random.nextLong(most))
        : OptionalLong.empty();
  }

  private static Caller randomCaller(SplittableRandom random) {
    return caller(1 + random.nextInt(6), random.nextInt(3), random.nextInt(3), random.nextInt(2));
  }

  private static List<AccountId> someAccounts() {
    List<AccountId> all = new ArrayList<>(List.of(new AccountId(Level.ORGANISATION, 1)));
    for (long id = 1; id <= 6; id++) {
      all.add(new AccountId(Level.KEY, id));
      if (id <= 2) {
        all.add(new AccountId(Level.TEAM, id));
        all.add(new AccountId(Level.USER, id));
      }
    }
    all.add(new AccountId(Level.APP, 1));
    return all;
  }

  /** Random requests, ends, changes of terms and hours that pass, one after the other. */
  @Test
  void itDecidesAsItsSequentialTwinDoes() {
    int accepted = 0;
    int refused = 0;
    for (int seed = 0; seed < 40; seed++) {
      var random = new SplittableRandom(seed);
      var ledger = new Ledger(LedgerJournal.NONE, () -> Instant.ofEpochMilli(now.get()), 0);
      ledger.open(1, ZONE);
      var twin = new SequentialTwin(ZONE);
      List<Reservation> live = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        now.addAndGet(
            random.nextInt(20) == 0 ? random.nextLong(40_000_000) : random.nextLong(3_000));
        if (i < 6 || random.nextInt(60) == 0) {
          AccountId id = someAccounts().get(random.nextInt(someAccounts().size()));
          Terms terms = randomTerms(random);
          ledger.change(1, id, id.toString(), terms);
          twin.change(id, terms);
        }
        if (!live.isEmpty() && random.nextInt(100) < 47) {
          Reservation ends = live.remove(random.nextInt(live.size()));
          long money = random.nextLong(400);
          if (random.nextInt(5) == 0) {
            ends.close();
            twin.end(ends.id(), 0, 0);
          } else {
            ends.settle(spent(money, money / 3));
            twin.end(ends.id(), money, money / 3);
          }
          continue;
        }
        Caller caller = randomCaller(random);
        long money = random.nextLong(500);
        long tokens = random.nextLong(200);
        boolean may = twin.mayReserve(caller, now.get(), money, tokens);
        try {
          Reservation r = ledger.reserve(ledger.path(caller), caller, most(money, tokens));
          assertThat(may).as("seed %d step %d: accepted", seed, i).isTrue();
          twin.reserve(r.id(), caller, now.get(), money, tokens);
          live.add(r);
          accepted++;
        } catch (GatewayRefusal e) {
          assertThat(may).as("seed %d step %d: %s", seed, i, e.getMessage()).isFalse();
          refused++;
        }
      }
      for (AccountId id : someAccounts()) {
        assertThat(
                ledger.balances(1, id).stream()
                    .map(b -> b.spentNanodollars() + b.reservedNanodollars()))
            .isEqualTo(twin.balances(id, now.get()));
      }
    }
    assertThat(accepted).isGreaterThan(2_000);
    assertThat(refused).isGreaterThan(2_000);
  }

  /** What happened, in the order in which it did: the journal is told under the lock. */
  private static final class Recorder implements LedgerJournal {
    private final List<Runnable> replay = new ArrayList<>();
    private final List<Hold> reserved = new ArrayList<>();
    private final SequentialTwin twin;

    Recorder(SequentialTwin twin) {
      this.twin = twin;
    }

    @Override
    public void reserved(Hold h) {
      reserved.add(h);
      replay.add(() -> {
        assertThat(twin.mayReserve(h.caller(), h.atMillis(), h.most().nanodollars(), h.tokens()))
            .as("reservation %d", h.id())
            .isTrue();
        twin.reserve(h.id(), h.caller(), h.atMillis(), h.most().nanodollars(), h.tokens());
      });
    }

    @Override
    public void settled(Hold h, Usage u) {
      replay.add(() -> twin.end(h.id(), u.spent().nanodollars(), u.tokens()));
    }

    @Override
    public void released(Hold h) {
      replay.add(() -> twin.end(h.id(), 0, 0));
    }
  }

  /** Whatever threads do at once, it happened in some order in which every step was allowed. */
  @Test
  void manyThreadsTogetherDoOnlyWhatTheTwinAllowsOneByOne() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      var twin = new SequentialTwin(ZONE);
      var recorder = new Recorder(twin);
      var ledger = new Ledger(recorder, () -> Instant.ofEpochMilli(now.get()), 0);
      ledger.open(1, ZONE);
      var setup = new SplittableRandom(seed);
      for (AccountId id : someAccounts()) {
        Terms terms = randomTerms(setup);
        ledger.change(1, id, id.toString(), terms);
        twin.change(id, terms);
      }
      var left = new ConcurrentLinkedQueue<Reservation>();
      List<Future<?>> threads = new ArrayList<>();
      try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int t = 0; t < 64; t++) {
          SplittableRandom random = setup.split();
          threads.add(pool.submit(() -> someRequests(ledger, random, left)));
        }
      }
      for (Future<?> thread : threads) {
        thread.get();
      }
      recorder.replay.forEach(Runnable::run);

      assertThat(recorder.reserved).isNotEmpty();
      for (AccountId id : someAccounts()) {
        assertThat(
                ledger.balances(1, id).stream()
                    .map(b -> b.spentNanodollars() + b.reservedNanodollars()))
            .isEqualTo(twin.balances(id, now.get()));
      }
      left.forEach(Reservation::close);
      for (AccountId id : someAccounts()) {
        assertThat(ledger.underWay(1, id)).isZero();
        assertThat(ledger.balances(1, id))
            .allSatisfy(b -> assertThat(b.reservedNanodollars() + b.reservedTokens()).isZero());
      }
    }
  }

  private void someRequests(
      Ledger ledger, SplittableRandom random, ConcurrentLinkedQueue<Reservation> left) {
    for (int i = 0; i < 25; i++) {
      now.addAndGet(random.nextInt(300) == 0 ? random.nextLong(20_000_000) : random.nextLong(200));
      Caller caller = randomCaller(random);
      long money = random.nextLong(300);
      try {
        Reservation r = ledger.reserve(ledger.path(caller), caller, most(money, money / 4));
        Thread.onSpinWait();
        switch (random.nextInt(8)) {
          case 0 -> r.close();
          case 1 -> left.add(r);
          default -> r.settle(spent(random.nextLong(money + 1), random.nextLong(money / 4 + 1)));
        }
      } catch (GatewayRefusal e) {
        Thread.onSpinWait();
      }
    }
  }
}
