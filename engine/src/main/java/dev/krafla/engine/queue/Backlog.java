package dev.krafla.engine.queue;

import dev.krafla.engine.SchedulingPolicy;
import dev.krafla.engine.ServiceClass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All who want tokens computed, beyond the one that every running answer gets, and whose turn it
 * is: by class ({@link ClassShares}), within a class by tenant ({@link TenantTurns}), of one tenant
 * the earliest by {@link AgedTurn}. A step asks for {@link #next} as long as it has room, and tells
 * what it handed out.
 */
public final class Backlog<E extends Claim> {
  private static final List<ServiceClass> ALL = List.of(ServiceClass.values());

  private final ClassShares shares;
  private final Map<ServiceClass, TenantTurns<E>> turns = new EnumMap<>(ServiceClass.class);
  private final Map<ServiceClass, Integer> handedOut = new EnumMap<>(ServiceClass.class);
  private List<ServiceClass> order = ALL;

  public Backlog(SchedulingPolicy policy) {
    var guaranteed = new EnumMap<ServiceClass, Double>(ServiceClass.class);
    for (ServiceClass c : ALL) {
      guaranteed.put(c, policy.level(c).guaranteedShare());
      turns.put(c, new TenantTurns<>(policy.quantumTokens()));
    }
    shares = new ClassShares(guaranteed, policy.quantumTokens());
  }

  private TenantTurns<E> turns(ServiceClass c) {
    TenantTurns<E> found = turns.get(c);
    if (found == null) {
      throw new IllegalStateException("every class has its turns");
    }
    return found;
  }

  public void add(E claim) {
    turns(claim.serviceClass()).add(claim);
  }

  /** Takes {@code claim} out; gives whether it was in. */
  public boolean remove(E claim) {
    return turns(claim.serviceClass()).remove(claim);
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  public int size() {
    int size = 0;
    for (ServiceClass c : ALL) {
      size += turns(c).size();
    }
    return size;
  }

  /** A new step. */
  public void begin() {
    order = shares.order();
    handedOut.clear();
    ALL.forEach(c -> turns(c).begin());
  }

  /** Whose turn it is, until {@link #serve} or {@link #skip} is called for it. */
  public Optional<E> next() {
    for (ServiceClass c : order) {
      Optional<E> next = turns(c).next();
      if (next.isPresent()) {
        return next;
      }
    }
    return Optional.empty();
  }

  /** {@link #next} gets {@code tokens} in this step. */
  public void serve(E claim, int tokens) {
    turns(claim.serviceClass()).pass(claim);
    charge(claim, tokens);
  }

  /** {@link #next} cannot be served in this step. */
  public void skip(E claim) {
    turns(claim.serviceClass()).pass(claim);
  }

  /** Somebody who need not be in here gets {@code tokens} in this step. */
  public void charge(E claim, int tokens) {
    turns(claim.serviceClass()).charge(claim.tenant(), tokens);
    handedOut.merge(claim.serviceClass(), tokens, Integer::sum);
  }

  /** The step is complete. */
  public void end() {
    shares.settle(handedOut, ALL.stream().filter(c -> turns(c).size() > 0).toList());
  }

  /** Whether {@code c} has been kept waiting so long that nobody may be let in before it. */
  public boolean isOverdue(ServiceClass c) {
    return shares.isOverdue(c);
  }

  /** The claims of each tenant and class, the earliest turn first. */
  public List<List<E>> lines() {
    var lines = new ArrayList<List<E>>();
    ALL.forEach(c -> lines.addAll(turns(c).claims()));
    return lines;
  }
}
