package dev.krafla.kernels;

/**
 * A fixed team of threads that runs one task at a time, the caller taking part as member 0. Workers
 * spin, yield, then park between tasks: a forward pass forks and joins hundreds of times a token,
 * and waking a parked thread costs about a hundred times a spinning one's hand-over.
 *
 * <p>{@link #run} is called by one thread at a time.
 */
public interface ComputePool extends AutoCloseable {
  /** Body of a task: is called once per member. */
  interface Body {
    /** Does member {@code member}'s share of {@code members}. */
    void run(int member, int members);
  }

  /** A pool of the caller alone. */
  static ComputePool single() {
    return new ComputePool() {
      @Override
      public int size() {
        return 1;
      }

      @Override
      public void run(Body body) {
        body.run(0, 1);
      }

      @Override
      public void close() {}
    };
  }

  /**
   * First of {@code items} that belongs to member {@code member} when they are dealt evenly in
   * order; member {@code members} gives the end.
   */
  static int share(int items, int member, int members) {
    return (int) ((long) items * member / members);
  }

  /** Members, the caller included; at least 1. */
  int size();

  /**
   * Runs {@code body} on every member and returns when all are done; rethrows the first failure.
   */
  void run(Body body);

  /** Ends the threads. */
  @Override
  void close();
}
