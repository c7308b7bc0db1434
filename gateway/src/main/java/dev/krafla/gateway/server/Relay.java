package dev.krafla.gateway.server;

import dev.krafla.gateway.upstream.UpstreamCall;
import dev.krafla.gateway.upstream.UpstreamException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Copies a provider's answer to the client, byte for byte: events at once but only whole ones, so
 * that an error event can follow where the provider breaks off; other answers when they are
 * complete, so that until then another provider can be asked.
 */
final class Relay {
  private static final int PIECE = 1 << 12;

  /** Longest event that is held back until it is complete. */
  private static final int LONGEST_EVENT = 16 << 20;

  /** Longest answer that is no stream. */
  private static final int LONGEST_ANSWER = 64 << 20;

  private Relay() {}

  /** What came is not what the wire has. */
  static final class Garbled extends IOException {
    private static final long serialVersionUID = 1;

    Garbled(String message) {
      super(message);
    }
  }

  /** The whole body. */
  static byte[] whole(UpstreamCall from) throws UpstreamException, Garbled {
    byte[] piece = new byte[PIECE];
    int n = from.read(piece);
    if (n < 0) {
      return new byte[0];
    }
    var held = new ByteArrayOutputStream(PIECE);
    for (; n >= 0; n = from.read(piece)) {
      held.write(piece, 0, n);
      if (held.size() > LONGEST_ANSWER) {
        throw new Garbled("its answer is longer than %,d bytes".formatted(LONGEST_ANSWER));
      }
    }
    return held.toByteArray();
  }

  /** Where the bytes of whole events go. */
  @FunctionalInterface
  interface Events {
    void pass(byte[] bytes, int from, int length);
  }

  /** Passes on all events, until the provider ends the stream. */
  static void events(UpstreamCall from, EventWatch watch, Events to)
      throws UpstreamException, Garbled {
    byte[] held = new byte[PIECE];
    byte[] piece = new byte[PIECE];
    int length = 0;
    for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
      if (length + n > held.length) {
        held = Arrays.copyOf(held, Math.max(2 * held.length, length + n));
      }
      System.arraycopy(piece, 0, held, length, n);
      int whole = pass(held, Math.max(0, length - 3), length + n, watch, to);
      length += n;
      System.arraycopy(held, whole, held, 0, length - whole);
      length -= whole;
      if (length > LONGEST_EVENT) {
        throw new Garbled(
            "an event of its stream is longer than %,d bytes".formatted(LONGEST_EVENT));
      }
      if (length > 0 && !EventWatch.isEvent(held, 0, length) && length > 16) {
        throw new Garbled("its stream has no server-sent events");
      }
      if (held.length > 4 * PIECE && length < PIECE) {
        held = Arrays.copyOf(held, PIECE); // one large event is no reason to hold on to its room
      }
    }
    if (length > 0) { // complete for us, since nothing follows
      if (!EventWatch.isEvent(held, 0, length)) {
        throw new Garbled("its stream has no server-sent events");
      }
      if (watch.see(held, 0, length)) {
        to.pass(held, 0, length);
      }
    }
  }

  /**
   * Passes on the whole events of {@code held}, neighbours together.
   *
   * @param from where an end can be, at the earliest
   * @return where the first one begins that is not whole
   */
  private static int pass(byte[] held, int from, int to, EventWatch watch, Events events)
      throws Garbled {
    int start = 0; // of this event
    int unsent = 0; // of those that are to be passed
    for (int i = from; i < to; i++) {
      if (held[i] != '\n' || !endsEvent(held, i, start)) {
        continue;
      }
      if (!EventWatch.isEvent(held, start, i)) {
        send(held, unsent, start, events);
        throw new Garbled("its stream has something that is no server-sent event");
      }
      if (!watch.see(held, start, i + 1)) {
        send(held, unsent, start, events);
        unsent = i + 1;
      }
      start = i + 1;
    }
    send(held, unsent, start, events);
    return start;
  }

  private static void send(byte[] held, int from, int to, Events events) {
    if (to > from) {
      events.pass(held, from, to - from);
    }
  }

  /** Whether the line feed at {@code i} ends an empty line. */
  private static boolean endsEvent(byte[] held, int i, int start) {
    return i > start
        && (held[i - 1] == '\n' || (held[i - 1] == '\r' && i - 1 > start && held[i - 2] == '\n'));
  }
}
