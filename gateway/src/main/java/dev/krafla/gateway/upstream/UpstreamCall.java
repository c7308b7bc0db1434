package dev.krafla.gateway.upstream;

import dev.krafla.gateway.upstream.UpstreamException.Reason;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request under way. One thread sends and reads; any may cancel it. */
public final class UpstreamCall implements AutoCloseable {
  private static final long NEVER = Long.MAX_VALUE;

  private final Upstream upstream;
  private final Origin origin;
  private final Patience patience;
  private final Object lock = new Object();
  private @Nullable UpstreamException givenUp; // guarded by lock
  private @Nullable AutoCloseable channel; // what is to be closed; guarded by lock
  private @Nullable UpstreamConnection connection; // of the one thread
  private boolean begun;
  private volatile long due = NEVER; // by System.nanoTime

  UpstreamCall(Upstream upstream, Origin origin, Patience patience) {
    this.upstream = upstream;
    this.origin = origin;
    this.patience = patience;
  }

  public Origin origin() {
    return origin;
  }

  /**
   * Sends a POST and waits for status and headers of its answer.
   *
   * @param path with its query
   * @param headers whole lines, each with its CRLF, but for Host and Content-Length
   */
  public AnswerHead post(String path, String headers, byte[] body) throws UpstreamException {
    String lines =
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(path, origin.authority(), body.length, headers);
    byte[] head = lines.getBytes(StandardCharsets.UTF_8);
    Optional<AnswerHead> answer = Optional.empty();
    Optional<UpstreamConnection> rested = upstream.rested(origin);
    if (rested.isPresent()) {
      answer = send(rested.get(), head, body, true);
    }
    if (answer.isEmpty()) {
      // The connection had been closed from the other side when the request came: it was not read.
      UpstreamConnection fresh =
          UpstreamConnection.open(origin, patience, upstream.tls(), this::opens);
      answer = send(fresh, head, body, false);
    }
    return answer.orElseThrow(() ->
        failure(new UpstreamException(Reason.BROKEN, "the connection ended before the answer")));
  }

  /** Empty when the connection had ended before anything of an answer. */
  private Optional<AnswerHead> send(
      UpstreamConnection over, byte[] head, byte[] body, boolean mayHaveEnded)
      throws UpstreamException {
    try {
      connection = over;
      takes(over);
      due = System.nanoTime() + patience.firstByte().toNanos();
      try {
        over.send(head, body);
      } catch (IOException e) {
        if (mayHaveEnded && !isGivenUp()) {
          over.close();
          return Optional.empty();
        }
        throw e;
      }
      return over.in().head();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void opens(SocketChannel opening) throws IOException {
    takes(opening);
  }

  private void takes(AutoCloseable newChannel) throws IOException {
    synchronized (lock) {
      if (givenUp != null) {
        close(newChannel);
        throw givenUp;
      }
      channel = newChannel;
    }
  }

  private boolean isGivenUp() {
    synchronized (lock) {
      return givenUp != null;
    }
  }

  /** Reads what is there of the body, waiting for some; -1 at its end. */
  public int read(byte[] into) throws UpstreamException {
    UpstreamConnection from = connection;
    if (from == null) {
      throw new IllegalStateException("post() comes first");
    }
    try {
      int n = from.in().read(into);
      due = n < 0 ? NEVER : System.nanoTime() + patience.silence().toNanos();
      begun = true;
      return n;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Whether something of the body has come. */
  public boolean begun() {
    return begun;
  }

  /** What to tell of {@code e}: why this side gave up, where it did. */
  private UpstreamException failure(IOException e) {
    synchronized (lock) {
      if (givenUp != null) {
        return givenUp;
      }
    }
    return e instanceof UpstreamException known
        ? known
        : new UpstreamException(
            Reason.BROKEN, "the connection broke: " + String.valueOf(e.getMessage()), e);
  }

  void checkTime(long now) {
    long end = due;
    if (end != NEVER && now - end > 0) {
      String limit = begun ? "between two pieces" : "for the answer to begin";
      long ms = (begun ? patience.silence() : patience.firstByte()).toMillis();
      giveUp(Reason.TIMEOUT, "nothing came within %,d ms %s".formatted(ms, limit));
    }
  }

  /** Breaks it off, now, and its connection with it. */
  public void cancel(String reason) {
    giveUp(Reason.CANCELLED, reason);
  }

  private void giveUp(Reason reason, String message) {
    synchronized (lock) {
      if (givenUp != null) {
        return;
      }
      givenUp = new UpstreamException(reason, message);
      if (channel != null) {
        close(channel);
      }
    }
  }

  private static void close(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      // It is given up either way.
    }
  }

  /** Ends it: its connection waits for the next request where the answer was read to its end. */
  @Override
  public void close() {
    upstream.ended(this);
    UpstreamConnection ending = connection;
    synchronized (lock) {
      channel = null;
      if (ending != null && givenUp == null && ending.in().reusable()) {
        upstream.rest(ending);
      } else if (ending != null) {
        ending.close();
      }
    }
    connection = null;
  }
}
