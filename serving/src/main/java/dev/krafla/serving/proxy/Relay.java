package dev.krafla.serving.proxy;

import dev.krafla.wire.Sse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Arrays;

/**
 * Copies a replica's answer to the client, byte for byte. Events go out at once, but only whole
 * ones, so that an error event can follow where the replica breaks off; other answers go out when
 * they are complete, so that until then another replica can be asked.
 */
final class Relay {
  private static final int PIECE = 1 << 14;

  /** Longest answer, and longest event, that is held back until it is complete. */
  private static final int HELD = 8 << 20;

  private Relay() {}

  /** The replica broke off before anything was sent to the client. */
  static final class BrokeBeforeAnswer extends IOException {
    private static final long serialVersionUID = 1;

    BrokeBeforeAnswer(IOException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /** The replica broke off within its answer. */
  static final class BrokeWithinAnswer extends IOException {
    private static final long serialVersionUID = 1;

    BrokeWithinAnswer(IOException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /**
   * Copies all of {@code answer}.
   *
   * @param onBegun when something of the body has come
   */
  static void copy(
      UpstreamCall upstream,
      HttpResponse<InputStream> answer,
      ProxyCall call,
      String replica,
      Runnable onBegun)
      throws BrokeBeforeAnswer, BrokeWithinAnswer {
    boolean events =
        answer.headers().firstValue("Content-Type").orElse("").startsWith(Sse.CONTENT_TYPE);
    try {
      if (events) {
        copyEvents(upstream, answer, call, replica, onBegun);
      } else {
        copyWhole(upstream, answer, call, replica, onBegun);
      }
    } catch (BrokeBeforeAnswer | BrokeWithinAnswer e) {
      throw e;
    } catch (IOException e) {
      if (call.begun()) {
        throw new BrokeWithinAnswer(e);
      }
      throw new BrokeBeforeAnswer(e);
    }
  }

  private static void copyEvents(
      UpstreamCall upstream,
      HttpResponse<InputStream> answer,
      ProxyCall call,
      String replica,
      Runnable onBegun)
      throws IOException {
    byte[] held = new byte[PIECE];
    byte[] piece = new byte[PIECE];
    int length = 0;
    for (int n = upstream.read(piece); n >= 0; n = upstream.read(piece)) {
      if (n == 0) {
        continue;
      }
      onBegun.run();
      if (length + n > held.length) {
        held = Arrays.copyOf(held, Math.max(2 * held.length, length + n));
      }
      System.arraycopy(piece, 0, held, length, n);
      int whole = endOfEvents(held, Math.max(0, length - 3), length + n);
      length += n;
      if (length > HELD) {
        whole = length; // no event is as long as this
      }
      if (whole > 0) {
        begin(answer, call, replica);
        call.write(held, whole);
        System.arraycopy(held, whole, held, 0, length - whole);
        length -= whole;
      }
    }
    begin(answer, call, replica);
    if (length > 0) {
      call.write(held, length);
    }
    call.end();
  }

  private static void begin(HttpResponse<?> answer, ProxyCall call, String replica) {
    if (!call.begun()) {
      call.answerAs(answer.statusCode(), answer.headers(), replica);
    }
  }

  /** Where the last event that is whole ends, at or above {@code from}; 0 where none does. */
  static int endOfEvents(byte[] bytes, int from, int to) {
    for (int i = to - 1; i >= Math.max(1, from); i--) {
      if (bytes[i] == '\n'
          && (bytes[i - 1] == '\n' || (i > 1 && bytes[i - 1] == '\r' && bytes[i - 2] == '\n'))) {
        return i + 1;
      }
    }
    return 0;
  }

  private static void copyWhole(
      UpstreamCall upstream,
      HttpResponse<InputStream> answer,
      ProxyCall call,
      String replica,
      Runnable onBegun)
      throws IOException {
    var held = new ByteArrayOutputStream(PIECE);
    byte[] piece = new byte[PIECE];
    for (int n = upstream.read(piece); n >= 0; n = upstream.read(piece)) {
      onBegun.run();
      if (call.begun()) {
        call.write(piece, n);
        continue;
      }
      held.write(piece, 0, n);
      if (held.size() > HELD) {
        call.answerAs(answer.statusCode(), answer.headers(), replica);
        call.write(held.toByteArray(), held.size());
      }
    }
    if (call.begun()) {
      call.end();
    } else {
      call.answerAs(answer.statusCode(), answer.headers(), replica);
      call.send(held.toByteArray());
    }
  }
}
