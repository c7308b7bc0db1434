package dev.krafla.image.proof;

import dev.krafla.image.ProofFailed;
import java.util.List;

/**
 * What was checked of a picture, and what was wrong.
 *
 * @param clusters that were mapped back to their strings
 * @param faults a sentence each; none in a picture that is handed out
 */
public record Proof(int texts, int clusters, List<String> faults) {
  public Proof {
    faults = List.copyOf(faults);
  }

  public boolean holds() {
    return faults.isEmpty();
  }

  /** Throws what is wrong, if anything is. */
  public void orThrow() {
    if (!holds()) {
      throw new ProofFailed("the picture is not exact: " + String.join("; ", faults));
    }
  }
}
