package dev.krafla.screen.render;

import dev.krafla.screen.Node;
import dev.krafla.screen.Screen;
import java.util.Optional;

/** What a screen says, for reading. */
public final class Reading {
  private Reading() {}

  /** The words of a part of a screen. */
  public static String of(Screen screen, Optional<Node> within, String query) {
    return within
        .map(Node::text)
        .orElseGet(() -> String.join("\n", screen.nodes().stream().map(Node::text).toList()));
  }
}
