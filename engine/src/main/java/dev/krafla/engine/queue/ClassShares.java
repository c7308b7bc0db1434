package dev.krafla.engine.queue;

import dev.krafla.engine.ServiceClass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * In which order classes are served: the highest first, but one that has had less than its
 * guaranteed share of the computed tokens while it had work waiting comes before all. So no class
 * starves, and a low one hardly slows a high one down.
 */
final class ClassShares {
  private static final List<ServiceClass> ALL = List.of(ServiceClass.values());

  /** Quanta owed from which on nobody is let in before the class that is owed them. */
  private static final int OVERDUE_QUANTA = 16;

  /** Quanta that a class may have had beyond its share and be asked to make good for. */
  private static final int ADVANCE_QUANTA = 2;

  private final Map<ServiceClass, Double> shares;
  private final int quantum;
  private final Map<ServiceClass, Double> owed = new EnumMap<>(ServiceClass.class);

  ClassShares(Map<ServiceClass, Double> shares, int quantum) {
    this.shares = new EnumMap<>(shares);
    this.quantum = quantum;
    ALL.forEach(c -> owed.put(c, 0.0));
  }

  /** All classes, in the order in which the next step is to serve them. */
  List<ServiceClass> order() {
    var order = new ArrayList<ServiceClass>(ALL.size());
    ALL.stream().filter(this::isDue).forEach(order::add);
    ALL.stream().filter(c -> !isDue(c)).forEach(order::add);
    return order;
  }

  private boolean isDue(ServiceClass c) {
    return tokensOwed(c) >= quantum;
  }

  /** Whether {@code c} has been owed so much that whoever is in its way has to wait. */
  boolean isOverdue(ServiceClass c) {
    return tokensOwed(c) >= (double) OVERDUE_QUANTA * quantum;
  }

  private double tokensOwed(ServiceClass c) {
    return owed.getOrDefault(c, 0.0);
  }

  /**
   * A step has been handed out.
   *
   * @param tokens what each class had of it
   * @param waiting classes for which work is left
   */
  void settle(Map<ServiceClass, Integer> tokens, List<ServiceClass> waiting) {
    int total = tokens.values().stream().mapToInt(Integer::intValue).sum();
    for (ServiceClass c : ALL) {
      double due = shares.getOrDefault(c, 0.0) * total - tokens.getOrDefault(c, 0);
      double now = tokensOwed(c) + due;
      double most = (double) OVERDUE_QUANTA * quantum;
      double least = -(double) ADVANCE_QUANTA * quantum;
      owed.put(c, waiting.contains(c) ? Math.clamp(now, least, most) : 0.0);
    }
  }
}
