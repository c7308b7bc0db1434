package dev.krafla.platform;

/** Follows a long transfer. Calls come from one thread; {@link #begin} and {@link #end} pair up. */
public interface Progress {
  /** Follows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String what, long done, long total) {}

        @Override
        public void at(long done) {}

        @Override
        public void end() {}

        @Override
        public void note(String text) {}
      };

  /**
   * Starts a part.
   *
   * @param what its name, for people
   * @param done bytes that are there already
   * @param total bytes there will be; negative where unknown
   */
  void begin(String what, long done, long total);

  /** {@code done} bytes of the part are there. */
  void at(long done);

  /** The part is over, well or not. */
  void end();

  /** Something worth a line, such as a retry. */
  void note(String text);
}
