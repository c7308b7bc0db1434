package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import dev.krafla.store.Database;
import dev.krafla.store.DatabaseAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A gateway's part that handles money, as a process that is made to be killed: callers of two
 * organisations ask all the time, with budgets at every level.
 */
final class GatewayUnderFire {
  private static final long PROMPT = 200;
  private static final long COMPLETION = 300;

  private GatewayUnderFire() {}

  static Payers payers(long organisation, long team, long user, long app, long key) {
    return new Payers(organisation, positive(team), positive(user), positive(app), key);
  }

  private static Optional<Long> positive(long id) {
    return id > 0 ? Optional.of(id) : Optional.empty();
  }

  private static Caller caller(Payers p) {
    return new Caller(
        p.keyId(), "k" + p.keyId(), p.organisationId(), p.teamId(), p.userId(), p.appId(), "s");
  }

  /**
   * Whoever may ask. Organisation 1 has little money on every level; organisation 2 has no budget,
   * so that there is always something to do.
   */
  static List<Payers> everybody() {
    List<Payers> all = new ArrayList<>();
    for (long key = 1; key <= 24; key++) {
      all.add(payers(1, key % 4, key % 3, key % 5 == 0 ? 1 : 0, key));
    }
    all.add(payers(2, 0, 0, 0, 100));
    return all;
  }

  /** What each level may take in all, in tokens; money is as tight, at the upstream's price. */
  static Terms terms(AccountId account) {
    long tokens =
        switch (account.level()) {
          case ORGANISATION -> account.id() == 1 ? 420_000 : 1L << 50;
          case TEAM -> 100_000;
          case USER -> 130_000;
          case APP -> 60_000;
          case KEY -> account.id() == 100 ? 1L << 50 : 18_000;
        };
    return Terms.UNLIMITED.withBudgets(
        List.of(
            new Terms.Budget(Period.TOTAL, OptionalLong.empty(), OptionalLong.of(tokens)),
            new Terms.Budget(
                Period.MONTH,
                OptionalLong.of(tokens * CountingUpstream.NANODOLLARS_PER_TOKEN),
                OptionalLong.empty())));
  }

  static DurableLedger open(Database database, Path journal) throws IOException {
    var sizes = new Journal.Sizes(1 << 20, 1L << 28);
    DurableLedger durable =
        DurableLedger.open(database.jdbi(), journal, sizes, InstantSource.system(), false);
    for (Payers p : everybody()) {
      durable.open(p.organisationId(), ZoneOffset.UTC);
      for (AccountId account : p.accounts()) {
        durable.ledger().change(p.organisationId(), account, account.toString(), terms(account));
      }
    }
    return durable;
  }

  /**
   * @param args the database's URL, user and password, the journal's folder, the upstream's port,
   *     how many ask at once, and a seed
   */
  public static void main(String[] args) throws Exception {
    Database database = Database.open(new DatabaseAddress(args[0], args[1], args[2]));
    DurableLedger durable = open(database, Path.of(args[3]));
    int port = Integer.parseInt(args[4]);
    int callers = Integer.parseInt(args[5]);
    var random = new SplittableRandom(Long.parseLong(args[6]));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      SplittableRandom own = random.split();
      threads.add(Thread.ofVirtual().start(() -> ask(durable.ledger(), port, own)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void ask(Ledger ledger, int port, SplittableRandom random) {
    List<Payers> everybody = everybody();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      while (true) {
        Payers p = everybody.get(random.nextInt(everybody.size()));
        try {
          askOnce(ledger, p, socket, in, random);
        } catch (GatewayRefusal e) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
      }
    } catch (IOException e) {
      // the test has ended
    }
  }

  private static void askOnce(
      Ledger ledger, Payers p, Socket socket, BufferedReader in, SplittableRandom random)
      throws IOException {
    Caller caller = caller(p);
    long prompt = 1 + random.nextLong(PROMPT);
    long completion = 1 + random.nextLong(COMPLETION);
    var most =
        new Estimate(
            "m",
            prompt,
            completion,
            (prompt + completion) * CountingUpstream.NANODOLLARS_PER_TOKEN);
    try (Reservation reservation = ledger.reserve(ledger.path(caller), caller, most)) {
      if (random.nextInt(20) == 0) {
        return; // never sent
      }
      String line =
          "%d %d %d %d %d %d %d %d%n"
              .formatted(
                  reservation.id(),
                  p.organisationId(),
                  p.teamId().orElse(0L),
                  p.userId().orElse(0L),
                  p.appId().orElse(0L),
                  p.keyId(),
                  prompt,
                  completion);
      socket.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
      String answer = in.readLine();
      if (answer == null) {
        throw new IOException("the upstream is gone");
      }
      String[] took = answer.split(" ", -1);
      reservation.settle(spent(Long.parseLong(took[0]), Long.parseLong(took[1])));
    }
  }

  static Spending spent(long prompt, long completion) {
    return new Spending(
        "upstream",
        "m",
        prompt,
        0,
        completion,
        0,
        (prompt + completion) * CountingUpstream.NANODOLLARS_PER_TOKEN);
  }
}
