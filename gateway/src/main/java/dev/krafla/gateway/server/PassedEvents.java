package dev.krafla.gateway.server;

import dev.krafla.wire.generation.Usage;
import java.util.Arrays;
import java.util.Optional;

/**
 * Passes events on byte for byte, at once but only whole ones, so that an error event can follow
 * where the provider breaks off.
 */
final class PassedEvents implements EventPipe {
  private static final int ROOM = 1 << 12;

  /** Longest event that is held back until it is complete. */
  private static final int LONGEST_EVENT = 16 << 20;

  /** Bytes that tell whether it is an event at all. */
  private static final int TELLING = 16;

  private final EventWatch watch;
  private byte[] held = new byte[ROOM];
  private int length;

  PassedEvents(EventWatch watch) {
    this.watch = watch;
  }

  @Override
  public void feed(byte[] bytes, int n, Sink to) throws Relay.Garbled {
    if (length + n > held.length) {
      held = Arrays.copyOf(held, Math.max(2 * held.length, length + n));
    }
    System.arraycopy(bytes, 0, held, length, n);
    int whole = pass(Math.max(0, length - 3), length + n, to);
    length += n;
    System.arraycopy(held, whole, held, 0, length - whole);
    length -= whole;
    if (length > LONGEST_EVENT) {
      throw new Relay.Garbled(
          "an event of its stream is longer than %,d bytes".formatted(LONGEST_EVENT));
    }
    if (length > TELLING && !EventWatch.isEvent(held, 0, length)) {
      throw new Relay.Garbled("its stream has something that is no server-sent event");
    }
    if (held.length > 4 * ROOM && length < ROOM) {
      held = Arrays.copyOf(held, ROOM); // one large event is no reason to hold on to its room
    }
  }

  @Override
  public void end(Sink to) throws Relay.Garbled {
    if (length == 0) {
      return;
    }
    if (!EventWatch.isEvent(held, 0, length)) {
      throw new Relay.Garbled("its stream has something that is no server-sent event");
    }
    if (watch.see(held, 0, length)) { // without its empty line; nothing can follow
      to.pass(held, 0, length);
    }
    length = 0;
  }

  /**
   * Passes on the whole events, neighbours together.
   *
   * @param from where an end can be, at the earliest
   * @return where the first one begins that is not whole
   */
  private int pass(int from, int to, Sink sink) throws Relay.Garbled {
    int start = 0; // of this event
    int unsent = 0; // of those that are to be passed
    for (int i = from; i < to; i++) {
      if (held[i] != '\n' || !endsEvent(i, start)) {
        continue;
      }
      if (!EventWatch.isEvent(held, start, i)) {
        send(unsent, start, sink);
        throw new Relay.Garbled("its stream has something that is no server-sent event");
      }
      if (!watch.see(held, start, i + 1)) {
        send(unsent, start, sink);
        unsent = i + 1;
      }
      start = i + 1;
    }
    send(unsent, start, sink);
    return start;
  }

  private void send(int from, int to, Sink sink) {
    if (to > from) {
      sink.pass(held, from, to - from);
    }
  }

  /** Whether the line feed at {@code i} ends an empty line. */
  private boolean endsEvent(int i, int start) {
    return i > start
        && (held[i - 1] == '\n' || (held[i - 1] == '\r' && i - 1 > start && held[i - 2] == '\n'));
  }

  @Override
  public Optional<Usage> usage() {
    return watch.usage();
  }

  @Override
  public boolean complete() {
    return watch.complete();
  }

  @Override
  public long events() {
    return watch.events();
  }
}
