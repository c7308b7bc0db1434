package dev.krafla.image;

import java.util.List;

/**
 * Rules that a scene requires contradict each other or its sizes; each is named with its numbers.
 */
public final class UnsolvableRules extends ImageException {
  private static final long serialVersionUID = 1;
  private final String[] broken;

  public UnsolvableRules(List<String> broken) {
    super("required rules cannot all hold: " + String.join("; ", broken));
    this.broken = broken.toArray(String[]::new);
  }

  /** A sentence for each. */
  public List<String> broken() {
    return List.of(broken);
  }
}
