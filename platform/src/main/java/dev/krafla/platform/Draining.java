package dev.krafla.platform;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * How a server ends when it is told to: what runs may go on for a while, and a second signal cuts
 * it off.
 *
 * @param limit how long it may go on
 */
record Draining(StopSignal stop, CliOutput output, Duration limit) {
  /**
   * Lets {@code running} requests end, and says so.
   *
   * @param drain waits for them as long as it is told; whether all have ended
   */
  void run(int running, Predicate<Duration> drain) {
    if (running > 0) {
      output.note(
          "Stopping: no new requests; %d still running, for at most %d s. Ctrl-C again cuts them off."
              .formatted(running, limit.toSeconds()));
    }
    boolean ended = stop.endInOrder(() -> drain.test(limit));
    output.note(ended ? "Stopped." : "Stopped; what was still running is cut off.");
  }
}
