package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import dev.krafla.screen.Node;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Siblings while they are found; words that stand in one line become one text. */
final class Sink {
  private final List<Node> nodes = new ArrayList<>();
  private boolean broken;

  List<Node> nodes() {
    return nodes;
  }

  void add(Node node) {
    nodes.add(node);
    broken = false;
  }

  /** Adds words, to the words before them where nothing stands between. */
  void text(Node text) {
    Node last = nodes.isEmpty() ? null : nodes.getLast();
    if (last == null || broken || last.role() != Role.TEXT || !last.frame().equals(text.frame())) {
      nodes.add(text);
      broken = false;
      return;
    }
    Set<State> states = EnumSet.noneOf(State.class);
    if (last.is(State.OFFSCREEN) && text.is(State.OFFSCREEN)) {
      states.add(State.OFFSCREEN);
    }
    boolean touching =
        Math.abs(last.bounds().right() - text.bounds().x()) < 1
            && text.bounds().y() < last.bounds().bottom();
    String space = touching || last.name().endsWith(" ") || text.name().startsWith(" ") ? "" : " ";
    nodes.set(
        nodes.size() - 1,
        new Node(
            last.ref(),
            Role.TEXT,
            last.name() + space + text.name(),
            last.value(),
            states,
            last.bounds().union(text.bounds()),
            last.actions(),
            last.source(),
            last.confidence(),
            last.trust(),
            last.frame(),
            List.of()));
  }

  /** Takes over what was found in something that is left out itself. */
  void addAll(Sink inner, boolean block) {
    broken |= block;
    for (Node node : inner.nodes) {
      if (node.role() == Role.TEXT && node.children().isEmpty()) {
        text(node);
      } else {
        add(node);
      }
    }
    broken |= block || inner.broken;
  }

  boolean hasInteractive() {
    return nodes.stream().flatMap(Node::stream).anyMatch(Node::interactive);
  }

  /** Whether something in it lies outside of {@code box}. */
  boolean isLong(Bounds box) {
    return nodes.stream()
        .flatMap(Node::stream)
        .anyMatch(n ->
            n.bounds().bottom() > box.bottom() + 1
                || n.bounds().right() > box.right() + 1
                || n.bounds().y() < box.y() - 1);
  }

  /** All words. */
  String text() {
    var words = new StringBuilder();
    nodes.forEach(n -> words.append(n.text()).append(' '));
    return words.toString().strip();
  }
}
