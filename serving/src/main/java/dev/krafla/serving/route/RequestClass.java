package dev.krafla.serving.route;

/** How urgent a request is. */
public enum RequestClass {
  /** Somebody waits for every token: short queues count as much as saved work. */
  INTERACTIVE(2),
  /** The usual. */
  NORMAL(8),
  /** Nobody waits: what saves work is worth a longer queue. */
  BATCH(32);

  private final double savedWork;

  RequestClass(double savedWork) {
    this.savedWork = savedWork;
  }

  /** How many tokens of waiting a token of saved work is worth. */
  double savedWork() {
    return savedWork;
  }
}
