package dev.krafla.screen.browser;

import dev.krafla.screen.Outcome;
import dev.krafla.screen.Point;
import java.util.Optional;

/** Where a target is, or why it cannot be acted on. */
sealed interface Located {
  /**
   * @param frame the frame of the node, empty for a bare point
   * @param backend its number, 0 for a bare point
   * @param note what to tell, as that a node was found again
   */
  record At(Point point, Optional<Frame> frame, int backend, String note) implements Located {}

  /** It cannot. */
  record Not(Outcome outcome, String message) implements Located {}
}
