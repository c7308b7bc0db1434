package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Reservation;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The one ledger: what every organisation, team, person, app and key may spend, has spent and
 * holds. A request reserves the most that it can take on all of its levels, or on none; when it
 * ends it pays what it took. So no level can be overspent, however many ask at once.
 *
 * <p>Thread-safe. Nothing here waits for a disk or a database; memory grows with the accounts that
 * exist, not with requests.
 */
public final class Ledger {
  /** Ids carry their time: this many can be made in a millisecond before they run ahead of it. */
  private static final int ID_BITS = 20;

  private final InstantSource clock;
  private final LedgerJournal journal;
  private final AtomicLong lastId;
  private final ConcurrentMap<Long, OrganisationBook> books = new ConcurrentHashMap<>();

  /** What a caller's requests are charged to, found once and used for all of them. */
  public static final class Path {
    private final OrganisationBook book;
    private final Account[] accounts;

    private Path(OrganisationBook book, Account[] accounts) {
      this.book = book;
      this.accounts = accounts;
    }
  }

  /**
   * @param lastId the greatest that was ever used in this database, 0 at first
   */
  public Ledger(LedgerJournal journal, InstantSource clock, long lastId) {
    this.journal = journal;
    this.clock = clock;
    this.lastId = new AtomicLong(lastId);
  }

  private long nextId(long nowMillis) {
    return lastId.updateAndGet(last -> Math.max(last + 1, nowMillis << ID_BITS));
  }

  /** Opens an organisation's book; its periods are those of {@code zone} for ever. */
  public void open(long organisationId, ZoneId zone) {
    books.computeIfAbsent(
        organisationId, _ -> new OrganisationBook(zone, clock, journal, this::nextId));
  }

  /** Closes a book: nobody can reserve from it. What is held in it can still be settled. */
  public void close(long organisationId) {
    books.remove(organisationId);
  }

  private OrganisationBook book(long organisationId) {
    OrganisationBook book = books.get(organisationId);
    if (book == null) {
      throw new IllegalStateException(
          "organisation %d has no book; open() comes first".formatted(organisationId));
    }
    return book;
  }

  /**
   * Sets what an account may take, from now on.
   *
   * @param name for messages, as {@code team "search"}
   */
  public void change(long organisationId, AccountId id, String name, Terms terms) {
    book(organisationId).change(id, name, terms);
  }

  /** Drops an account that nobody can use any more. */
  public void forget(long organisationId, AccountId id) {
    OrganisationBook book = books.get(organisationId);
    if (book != null) {
      book.forget(id);
    }
  }

  /** Where the requests of {@code caller} are charged. */
  public Path path(Caller caller) {
    return path(Payers.of(caller));
  }

  private Path path(Payers payers) {
    OrganisationBook book = book(payers.organisationId());
    Account[] accounts = payers.accounts().stream().map(book::account).toArray(Account[]::new);
    return new Path(book, accounts);
  }

  /**
   * Sets aside {@code most} on every account of {@code path}, or nowhere.
   *
   * @throws dev.krafla.gateway.GatewayRefusal 429 when a limit would be passed, with the widest
   *     level whose it is; 503 when it cannot be written down
   */
  public Reservation reserve(Path path, Caller caller, Estimate most) {
    return path.book.reserve(path.accounts, caller, most);
  }

  /**
   * Charges a difference that was found out later to the periods of the moment it belongs to.
   *
   * @param nanodollars may be negative, as {@code tokens}
   */
  public void correct(Payers payers, Instant at, long nanodollars, long tokens) {
    Path path = path(payers);
    path.book.add(path.accounts, at.toEpochMilli(), nanodollars, tokens);
  }

  /**
   * Charges what an account spent before this process, in the period that began at {@code start}; a
   * period that is over does not matter any more. Called once for each, before any reservation.
   */
  public void restore(
      long organisationId,
      AccountId id,
      Period period,
      Instant start,
      long nanodollars,
      long tokens) {
    book(organisationId).restore(id, period, start, nanodollars, tokens);
  }

  /** How an account stands, by period from hour to total. */
  public List<Balance> balances(long organisationId, AccountId id) {
    return book(organisationId).balances(id);
  }

  /** Requests of an account that are reserved and have not ended. */
  public long underWay(long organisationId, AccountId id) {
    return book(organisationId).underWay(id);
  }
}
