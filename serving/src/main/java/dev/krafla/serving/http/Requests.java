package dev.krafla.serving.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;

/** What is the same in every server's requests: their ids, bodies and times to wait. */
public final class Requests {
  private static final String X_REQUEST_ID = "X-Request-Id";

  /** A client's own request id must look like one. */
  private static final String REQUEST_ID = "[A-Za-z0-9._:-]{1,128}";

  private static final int DISCARD_PIECE = 1 << 16;

  private Requests() {}

  /** The client's {@code X-Request-Id}, else one of {@code ours}; the answer carries it. */
  public static String identify(
      ServerRequest request, ServerResponse response, Supplier<String> ours) {
    String id =
        request
            .headers()
            .first(HeaderNames.create(X_REQUEST_ID))
            .filter(v -> v.matches(REQUEST_ID))
            .orElseGet(ours);
    response.header(X_REQUEST_ID, id);
    return id;
  }

  /**
   * The whole body.
   *
   * @throws RefusedCall when it has more than {@code limit} bytes
   * @throws UncheckedIOException when the client is gone
   */
  public static byte[] body(ServerRequest request, int limit) {
    if (request.headers().contentLength().orElse(0) > limit) {
      throw RefusedCall.bodyTooLarge(limit);
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      byte[] body = in.readNBytes(limit);
      if (body.length == limit && in.read() >= 0) {
        discard(in, limit);
        throw RefusedCall.bodyTooLarge(limit);
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads on for a while: a client that is still sending when the connection closes may never see
   * why.
   */
  private static void discard(InputStream in, long most) throws IOException {
    byte[] piece = new byte[DISCARD_PIECE];
    long left = most;
    for (int n = in.read(piece); n >= 0 && left > 0; n = in.read(piece)) {
      left -= n;
    }
  }

  /** What {@code Retry-After} says: seconds, at least one. */
  public static String retryAfter(Duration wait) {
    return Long.toString(Math.max(1, wait.plusMillis(999).toSeconds()));
  }
}
