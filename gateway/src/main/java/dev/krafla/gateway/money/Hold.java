package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import org.jspecify.annotations.Nullable;

/** A live reservation: what is held on every account of its path until it ends. */
public final class Hold implements Reservation {
  private final OrganisationBook book;
  private final Account[] path;
  private final long id;
  private final long atMillis;
  private final Caller caller;
  private final Estimate most;
  private boolean ended; // guarded by the book's lock
  private @Nullable Object place; // the journal's, guarded by its lock

  Hold(
      OrganisationBook book, Account[] path, long id, long atMillis, Caller caller, Estimate most) {
    this.book = book;
    this.path = path;
    this.id = id;
    this.atMillis = atMillis;
    this.caller = caller;
    this.most = most;
  }

  @Override
  public void settle(Spending spent) {
    book.settle(this, spent);
  }

  @Override
  public void close() {
    book.release(this);
  }

  /** The id that its {@link Usage} will have. */
  @Override
  public long id() {
    return id;
  }

  /** When it was made, in milliseconds of the epoch. */
  public long atMillis() {
    return atMillis;
  }

  public Caller caller() {
    return caller;
  }

  public Estimate most() {
    return most;
  }

  /** Prompt and completion together. */
  long tokens() {
    return most.promptTokens() + most.completionTokens(); // checked when it was made
  }

  Account[] path() {
    return path;
  }

  /** Whether this call ended it. */
  boolean end() {
    boolean first = !ended;
    ended = true;
    return first;
  }

  boolean ended() {
    return ended;
  }

  /** Where a journal keeps it. */
  @Nullable Object place() {
    return place;
  }

  void place(@Nullable Object where) {
    place = where;
  }
}
