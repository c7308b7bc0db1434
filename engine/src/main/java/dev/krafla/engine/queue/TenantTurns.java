package dev.krafla.engine.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whose turn it is within one class: deficit round robin (Shreedhar and Varghese 1995) over
 * tenants, on computed tokens. Each round gives a tenant a quantum; it is in turn while it has some
 * of it left. A piece of work is never cut to fit: a tenant may overdraw, by at most a step, and
 * waits until later rounds have made good for it. So of two tenants that have had work waiting
 * since the same moment, neither is ahead by more than a quantum and a step.
 *
 * <p>Only who has work waiting has an account. A newcomer begins no better than the best of those
 * who are there, so that leaving and coming back gains nothing.
 */
final class TenantTurns<E extends Claim> {
  private final int quantum;
  private final List<Account<E>> ring = new ArrayList<>(); // in turn first
  private final Map<String, Account<E>> byTenant = new HashMap<>();
  private int size;

  /** One tenant's claims, the earliest turn first; before {@code cursor} this step's are done. */
  private static final class Account<E extends Claim> {
    final String tenant;
    final List<E> claims = new ArrayList<>();
    int cursor;
    long deficit;

    Account(String tenant) {
      this.tenant = tenant;
    }

    boolean hasOffer() {
      return cursor < claims.size();
    }

    void add(E claim) {
      int at = claims.size();
      while (at > 0 && isBefore(claim, claims.get(at - 1))) {
        at--;
      }
      claims.add(at, claim);
      if (at < cursor) {
        cursor++;
      }
    }

    /** By difference: clocks of this kind may pass from the largest value to the least. */
    private static boolean isBefore(Claim a, Claim b) {
      long difference = a.turnNanos() - b.turnNanos();
      return difference != 0 ? difference < 0 : a.arrival() < b.arrival();
    }

    boolean remove(E claim) {
      int at = claims.indexOf(claim);
      if (at < 0) {
        return false;
      }
      claims.remove(at);
      if (at < cursor) {
        cursor--;
      }
      return true;
    }
  }

  TenantTurns(int quantum) {
    this.quantum = quantum;
  }

  void add(E claim) {
    Account<E> account = byTenant.get(claim.tenant());
    if (account == null) {
      account = new Account<>(claim.tenant());
      account.deficit = ring.stream().mapToLong(a -> a.deficit).max().orElse(0);
      account.deficit = Math.min(0, account.deficit);
      byTenant.put(account.tenant, account);
      ring.add(account);
    }
    account.add(claim);
    size++;
  }

  boolean remove(E claim) {
    Account<E> account = byTenant.get(claim.tenant());
    if (account == null || !account.remove(claim)) {
      return false;
    }
    size--;
    if (account.claims.isEmpty()) {
      byTenant.remove(account.tenant);
      ring.remove(account);
    }
    return true;
  }

  int size() {
    return size;
  }

  /** A new step: everybody's claims may be served again. */
  void begin() {
    ring.forEach(a -> a.cursor = 0);
  }

  /** Whose turn it is, of those that were neither served nor passed over in this step. */
  Optional<E> next() {
    Optional<E> next = inTurn();
    if (next.isEmpty() && grantRounds()) {
      next = inTurn();
    }
    return next;
  }

  private Optional<E> inTurn() {
    for (Account<E> account : ring) {
      if (account.deficit > 0 && account.hasOffer()) {
        return Optional.of(account.claims.get(account.cursor));
      }
    }
    return Optional.empty();
  }

  /** As many rounds at once as it takes until somebody is in turn; gives whether anybody is. */
  private boolean grantRounds() {
    long rounds = Long.MAX_VALUE;
    for (Account<E> account : ring) {
      if (account.hasOffer()) {
        rounds = Math.min(rounds, Math.ceilDiv(1 - account.deficit, quantum));
      }
    }
    if (rounds == Long.MAX_VALUE) {
      return false;
    }
    for (Account<E> account : ring) { // who has nothing to be served now saves up one quantum
      account.deficit = Math.min(quantum, account.deficit + rounds * quantum);
    }
    return true;
  }

  /** {@link #next} was served or cannot be in this step: it is not offered again. */
  void pass(E claim) {
    Account<E> account = byTenant.get(claim.tenant());
    if (account == null || !account.hasOffer()) {
      throw new IllegalStateException("only what was offered can be passed");
    }
    int at = account.claims.indexOf(claim);
    if (at < account.cursor) {
      throw new IllegalStateException("only what was offered can be passed");
    }
    account.cursor = at + 1; // past those, too, that were put before it since it was offered
  }

  /** Notes {@code tokens} computed for {@code tenant}, where it has work waiting. */
  void charge(String tenant, int tokens) {
    Account<E> account = byTenant.get(tenant);
    if (account != null) {
      boolean inTurn = account.deficit > 0;
      account.deficit -= tokens;
      if (inTurn && account.deficit <= 0) {
        ring.remove(account);
        ring.add(account);
      }
    }
  }

  /** All claims, tenant by tenant, of each the earliest turn first. */
  List<List<E>> claims() {
    return ring.stream().map(a -> List.copyOf(a.claims)).toList();
  }
}
