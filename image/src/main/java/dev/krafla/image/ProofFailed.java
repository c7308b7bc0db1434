package dev.krafla.image;

/** A picture that was drawn does not say what its scene says; it is not handed out. */
public final class ProofFailed extends ImageException {
  private static final long serialVersionUID = 1;

  public ProofFailed(String message) {
    super(message);
  }
}
