package dev.krafla.screen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What differs between two screens of one surface. Where something was moved to, or whether it is
 * off the screen, is no difference here.
 *
 * @param moved whether the location differs
 * @param added nodes of the later screen, parents before children
 * @param removed nodes of the earlier screen
 */
public record ScreenDiff(
    boolean moved, List<Node> added, List<Node> removed, List<Change> changed) {
  private static final Set<State> PLACE = Set.of(State.OFFSCREEN, State.OBSCURED);

  public ScreenDiff {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    changed = List.copyOf(changed);
  }

  /** A node that stayed, and says something else. */
  public record Change(Node before, Node after) {}

  /** No difference at all. */
  public static ScreenDiff none() {
    return new ScreenDiff(false, List.of(), List.of(), List.of());
  }

  public boolean isEmpty() {
    return !moved && added.isEmpty() && removed.isEmpty() && changed.isEmpty();
  }

  /** From {@code before} to {@code after}. */
  public static ScreenDiff between(Screen before, Screen after) {
    Map<Integer, Node> old = new LinkedHashMap<>();
    before.stream().forEach(n -> old.put(n.ref().element(), n));
    List<Node> added = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    after.stream()
        .forEach(n -> {
          Node was = old.remove(n.ref().element());
          if (was == null) {
            added.add(n);
          } else if (!saysTheSame(was, n)) {
            changed.add(new Change(was, n));
          }
        });
    return new ScreenDiff(
        !before.location().equals(after.location()), added, List.copyOf(old.values()), changed);
  }

  private static boolean saysTheSame(Node a, Node b) {
    return a.role() == b.role()
        && a.name().equals(b.name())
        && a.value().equals(b.value())
        && lasting(a).equals(lasting(b));
  }

  private static List<State> lasting(Node node) {
    return node.states().stream().filter(s -> !PLACE.contains(s)).toList();
  }
}
