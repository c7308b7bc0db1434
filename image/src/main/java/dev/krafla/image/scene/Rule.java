package dev.krafla.image.scene;

/**
 * A relation between two nodes, or a node and the canvas.
 *
 * @param a what is placed
 * @param b what it is placed by; {@code canvas} is the whole picture
 * @param gap least distance in pixels, for those that have one
 * @param required refuses the scene when it cannot hold; else it is only reported
 */
public record Rule(Op op, String a, String b, double gap, boolean required) {
  /** What is said of {@code a}. */
  public enum Op {
    LEFT_OF("leftOf"),
    RIGHT_OF("rightOf"),
    ABOVE("above"),
    BELOW("below"),
    INSIDE("inside"),
    ALIGNED_LEFT("alignedLeft"),
    ALIGNED_RIGHT("alignedRight"),
    ALIGNED_TOP("alignedTop"),
    ALIGNED_BOTTOM("alignedBottom"),
    CENTERED_X("centeredX"),
    CENTERED_Y("centeredY"),
    SAME_SIZE("sameSize"),
    NO_OVERLAP("noOverlap");

    private final String word;

    Op(String word) {
      this.word = word;
    }

    /** As scene documents have it. */
    public String word() {
      return word;
    }
  }

  @Override
  public String toString() {
    return "%s %s %s%s".formatted(a, op.word(), b, gap > 0 ? " by %.0f px".formatted(gap) : "");
  }
}
