package dev.krafla.engine;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Carries commands from any thread to the engine's, and wakes it. */
final class Mailbox {
  private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;
  private volatile @Nullable Thread reader;

  /** Names the thread that is to be woken. */
  void readBy(Thread thread) {
    reader = thread;
  }

  /** Leaves {@code command} for the engine; gives false where nobody will read it any more. */
  boolean post(Command command) {
    commands.add(command);
    if (closed && commands.remove(command)) {
      return false;
    }
    LockSupport.unpark(reader);
    return true;
  }

  Optional<Command> poll() {
    return Optional.ofNullable(commands.poll());
  }

  boolean isEmpty() {
    return commands.isEmpty();
  }

  /** Takes no more; what was posted before can still be polled. */
  void close() {
    closed = true;
  }
}
