package dev.krafla.engine.speculate;

/** How often one answer's guesses came true of late. */
public final class Acceptance {
  private static final double PRIOR = 0.6;
  private static final double MEMORY = 12; // guesses that the estimate rests on
  private static final double MOST = 0.97;

  /** Share of the way back to the prior at each step without a guess, so that it is tried again. */
  private static final double RECOVERY = 0.02;

  private double rate = PRIOR;
  private boolean isNew = true;

  /** Whether nothing was checked yet. */
  public boolean isNew() {
    return isNew;
  }

  /** Begins with what is known of all answers' guesses. */
  public void begin(Acceptance ofAll) {
    rate = ofAll.rate;
    isNew = false;
  }

  /** A step has passed in which nobody guessed: what was bad may be better with other answers. */
  public void rest() {
    rate += RECOVERY / 10 * (PRIOR - rate);
  }

  /** How many of {@code guesses} are expected to come true. */
  public double expected(int guesses) {
    double sum = 0;
    double all = 1;
    for (int i = 0; i < guesses; i++) {
      all *= Math.min(rate, MOST);
      sum += all;
    }
    return sum;
  }

  /** What {@code guesses} are expected to save, in units of what a token costs without any. */
  public double gain(double breakEven, int guesses) {
    return expected(guesses) - guesses * breakEven;
  }

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
    isNew = false;
    int tried = Math.min(guessed, accepted + 1); // nothing is known about those after a wrong one
    rate = (rate * MEMORY + accepted) / (MEMORY + tried);
  }
}
