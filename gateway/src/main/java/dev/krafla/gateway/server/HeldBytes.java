package dev.krafla.gateway.server;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes the bodies of all requests under way may take. Thread-safe. */
final class HeldBytes {
  private final long most;
  private final AtomicLong held = new AtomicLong();

  HeldBytes(long most) {
    this.most = most;
  }

  /**
   * Takes room for {@code bytes}, which are to be given back.
   *
   * @throws Refusal when there is none
   */
  void take(long bytes) {
    if (held.addAndGet(bytes) > most) {
      held.addAndGet(-bytes);
      throw Refusal.noRoomForBody(most);
    }
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }

  /** What is taken now. */
  long now() {
    return held.get();
  }
}
