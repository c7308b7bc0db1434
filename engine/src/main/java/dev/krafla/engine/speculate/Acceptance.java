package dev.krafla.engine.speculate;

/** How often one answer's guesses came true of late. */
public final class Acceptance {
  private static final double PRIOR = 0.6;
  private static final double MEMORY = 12; // guesses that the estimate rests on
  private static final double MOST = 0.97;

  /** Share of the way back to the prior at each step without a guess, so that it is tried again. */
  private static final double RECOVERY = 0.02;

  private double rate = PRIOR;

  /** Guesses worth checking when each must come true with chance {@code breakEven} at least. */
  public int worth(double breakEven, int max) {
    double chance = Math.min(rate, MOST);
    int n = 0;
    for (double all = chance; n < max && all > breakEven; all *= chance) {
      n++;
    }
    if (n == 0) {
      rate += RECOVERY * (PRIOR - rate);
    }
    return n;
  }

  /** Of {@code guessed} tokens the first {@code accepted} came true. */
  public void checked(int guessed, int accepted) {
    int tried = Math.min(guessed, accepted + 1); // nothing is known about those after a wrong one
    rate = (rate * MEMORY + accepted) / (MEMORY + tried);
  }
}
