package dev.krafla.gateway.server;

import dev.krafla.gateway.upstream.UpstreamCall;
import dev.krafla.gateway.upstream.UpstreamException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Takes a provider's answer: events as they come, other answers when they are complete, so that
 * until then another provider can be asked.
 */
final class Relay {
  private static final int PIECE = 1 << 12;

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
    var held = new ByteArrayOutputStream(PIECE);
    for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
      held.write(piece, 0, n);
      if (held.size() > LONGEST_ANSWER) {
        throw new Garbled("its answer is longer than %,d bytes".formatted(LONGEST_ANSWER));
      }
    }
    return held.toByteArray();
  }

  /** All events, until the provider ends the stream. */
  static void events(UpstreamCall from, EventPipe pipe, EventPipe.Sink to)
      throws UpstreamException, Garbled {
    byte[] piece = new byte[PIECE];
    for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
      pipe.feed(piece, n, to);
    }
    pipe.end(to);
  }
}
