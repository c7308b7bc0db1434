package dev.krafla.serving.http;

import dev.krafla.wire.ErrorBody;
import dev.krafla.wire.Json;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection with a virtual thread of its own that reads the socket all the time and hands the
 * bytes to the connection's handler. So the end of the client's side is seen at once, whatever the
 * handler does. A client that has much to say is read no further than {@link #READ_AHEAD} pieces;
 * whether it leaves is then seen only when the handler has caught up.
 */
public final class WatchedConnection
    implements ConnectionContext, ServerConnection, InterruptableTask<Void> {
  /** Pieces of up to 4 KiB (Helidon's read buffer) that wait for the handler. */
  private static final int READ_AHEAD = 16;

  /** A client that is silent this long between two requests is dropped. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

  /** Marks the end of the data: a read gives one byte or more. */
  private static final byte[] END = new byte[0];

  private final ConnectionContext ctx;
  private final String id;
  private final Optional<Duration> requestTime;
  private final Runnable onEnd;
  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(READ_AHEAD);
  private final DataReader reader = DataReader.create(this::take);
  private final Object lock = new Object();
  private volatile boolean ended;
  private volatile boolean answeredLast;
  private boolean gone; // guarded by lock
  private @Nullable Runnable whenGone; // guarded by lock
  private @Nullable ServerConnection http; // set once, before anything runs
  private boolean inRequest; // of the handler's thread
  private long requestBegan; // by System.nanoTime

  WatchedConnection(
      ConnectionContext ctx, String id, Optional<Duration> requestTime, Runnable onEnd) {
    this.ctx = ctx;
    this.id = id;
    this.requestTime = requestTime;
    this.onEnd = onEnd;
  }

  /** Says who handles what this connection reads. */
  void serve(ServerConnection handler) {
    http = handler;
  }

  /**
   * Runs {@code action} once when the client leaves, now if it has left, on another thread; until
   * {@link #forget}. One action at a time.
   */
  public void whenGone(Runnable action) {
    synchronized (lock) {
      whenGone = action;
      if (gone) {
        action.run();
      }
    }
  }

  /** Drops the action: the request has ended. */
  public void forget() {
    synchronized (lock) {
      whenGone = null;
    }
  }

  /** Whether the client has closed its side. */
  public boolean isGone() {
    synchronized (lock) {
      return gone;
    }
  }

  /** Ends the handling where nobody is left to answer. */
  public void requireClient() {
    if (isGone()) {
      throw new CloseConnectionException("the client left before its answer");
    }
  }

  /**
   * Ends the connection once the answer under way is out, as a client that sent {@code Connection:
   * close} expects (RFC 9112, 9.6); Helidon would wait for it to hang up.
   */
  public void closeAfterAnswer() {
    answeredLast = true;
  }

  /** The request under way has come to its last byte: its time no longer runs. */
  public void requestIsWhole() {
    inRequest = false;
  }

  private void markGone() {
    synchronized (lock) {
      gone = true;
      if (whenGone != null) {
        whenGone.run();
      }
    }
  }

  /** Reads the socket until its end; the only reader of Helidon's own reader. */
  private void readAhead() {
    DataReader socket = ctx.dataReader();
    try {
      while (true) {
        socket.ensureAvailable();
        byte[] piece = socket.readBytes(socket.available());
        while (!pieces.offer(piece, 1, TimeUnit.SECONDS)) {
          if (ended) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // The end of the data, or a broken socket: the client is gone either way.
      markGone();
      // A full queue loses the marker, but take() asks isGone() too.
      pieces.offer(END);
    }
  }

  /** The next piece for the handler; null at the end. */
  private byte @Nullable [] take() {
    if (answeredLast) {
      return null;
    }
    try {
      byte[] piece = isGone() ? pieces.poll() : poll();
      return piece == null || piece.length == 0 ? null : piece;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("the server closes this connection", e);
    }
  }

  private byte[] poll() throws InterruptedException {
    long now = System.nanoTime();
    Duration limit = inRequest ? requestTime.orElse(LONGEST_SILENCE) : LONGEST_SILENCE;
    long left = limit.toNanos() - (inRequest ? now - requestBegan : 0);
    byte[] piece = pieces.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
    if (piece == null) {
      if (inRequest) {
        refuseSlowRequest(limit);
      }
      throw new CloseConnectionException("nothing came for " + limit);
    }
    if (!inRequest && requestTime.isPresent()) {
      inRequest = true;
      requestBegan = System.nanoTime();
    }
    return piece;
  }

  /** Nothing of an answer is out, since the request is still being read. */
  private void refuseSlowRequest(Duration limit) {
    String message =
        "the request did not come whole within %d ms; send it faster".formatted(limit.toMillis());
    var error =
        new ErrorBody(
            message, "invalid_request_error", Optional.empty(), Optional.of("request_timeout"));
    String body = Json.write(error.toJson());
    String answer =
        "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(body.length(), body);
    ctx.dataWriter().writeNow(BufferData.create(answer.getBytes(StandardCharsets.US_ASCII)));
  }

  private ServerConnection http() {
    ServerConnection handler = http;
    if (handler == null) {
      throw new IllegalStateException("serve() comes first");
    }
    return handler;
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    Thread.ofVirtual().name("read-ahead " + id).start(this::readAhead);
    try {
      http().handle(limit);
    } finally {
      // The caller now closes the socket, which ends the reading thread. Interrupting it would
      // close
      // the socket too, but at once, and could cost the client the last bytes of its answer.
      ended = true;
      onEnd.run();
    }
  }

  @Override
  public Duration idleTime() {
    return http().idleTime();
  }

  @Override
  public void close(boolean interrupt) {
    http().close(interrupt);
  }

  @Override
  public boolean canInterrupt() {
    return http() instanceof InterruptableTask<?> task && task.canInterrupt();
  }

  @Override
  public void run() {
    throw new UnsupportedOperationException("a connection is run by handle()");
  }

  @Override
  public String childSocketId() {
    return id;
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return ctx.dataWriter();
  }

  @Override
  public ListenerContext listenerContext() {
    return ctx.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return ctx.executor();
  }

  @Override
  public Router router() {
    return ctx.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return ctx.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return ctx.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return ctx.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return ctx.localPeer();
  }

  @Override
  public boolean isSecure() {
    return ctx.isSecure();
  }

  @Override
  public String socketId() {
    return ctx.socketId();
  }
}
