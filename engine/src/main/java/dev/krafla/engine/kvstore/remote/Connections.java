package dev.krafla.engine.kvstore.remote;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Connections to one server, a few at most, kept open between exchanges. An exchange that takes
 * longer than the time limit has its connection closed under it, wherever it waits: connecting,
 * writing to a server that takes nothing, or reading from one that sends a byte now and then.
 * Thread-safe.
 */
final class Connections implements AutoCloseable {
  /** Most exchanges at once: more would only share the same network. */
  private static final int MAX_OPEN = 8;

  /** What is said to the server, and what of its answers is made. */
  @FunctionalInterface
  interface Exchange<T> {
    T on(RespConnection connection) throws IOException;
  }

  private final RemoteConfig config;
  private final Semaphore places = new Semaphore(MAX_OPEN);
  private final ConcurrentLinkedDeque<RespConnection> idle = new ConcurrentLinkedDeque<>();
  private final ScheduledThreadPoolExecutor watch;
  private volatile boolean closed;
  private volatile InetAddress host = InetAddress.getLoopbackAddress(); // until it is looked up

  Connections(RemoteConfig config) {
    this.config = config;
    this.watch =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("krafla-kv-remote-watch").daemon().unstarted(task));
    watch.setRemoveOnCancelPolicy(true);
  }

  /** Looks the host's name up, which may wait for long: only the thread that tries a store does. */
  void lookUp() throws IOException {
    host = InetAddress.getByName(config.address().host());
  }

  /**
   * Does {@code exchange} within the time limit. On a connection that was idle it is done again on
   * a new one, if it fails: servers close idle ones.
   *
   * @param limitNanos how long the caller will wait, where that is less than the time limit
   * @throws Impatient when the caller's limit has passed, or all connections are in use
   * @throws ExchangeTimeout when the time limit has passed
   */
  <T> T exchange(long limitNanos, Exchange<T> exchange) throws IOException {
    var limit = new Limit(Math.min(limitNanos, config.timeout().toNanos()), limitNanos);
    if (closed) {
      throw new IOException("the store is closed");
    }
    boolean entered = false;
    try {
      entered = places.tryAcquire(limit.nanos, TimeUnit.NANOSECONDS);
      if (!entered) {
        throw new Impatient("all %d connections are in use".formatted(MAX_OPEN));
      }
      RespConnection open = idle.pollFirst();
      if (open != null) {
        try {
          return timed(limit, open::close, () -> use(exchange, open));
        } catch (RespException.Refused | Impatient | ExchangeTimeout e) {
          throw e;
        } catch (IOException e) {
          closeIdle(); // the others are as old
        }
      }
      return onNew(limit, exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a connection", e);
    } finally {
      if (entered) {
        places.release();
      }
    }
  }

  /**
   * How long an exchange may take.
   *
   * @param nanos the smaller of the caller's limit and the store's
   */
  private record Limit(long nanos, long callers) {
    IOException passed(IOException cause) {
      String message = "it took longer than %d ms".formatted(nanos / 1_000_000);
      return nanos == callers ? new Impatient(message) : new ExchangeTimeout(message, cause);
    }
  }

  private <T> T onNew(Limit limit, Exchange<T> exchange) throws IOException {
    var where = new InetSocketAddress(host, config.address().port());
    if (config.address().tls()) {
      var raw = new Socket();
      return timed(
          limit,
          () -> closeQuietly(raw),
          () -> {
            Transport.connect(raw, where, config);
            return use(
                exchange, greeted(Transport.Encrypted.over(raw, config.address().host(), config)));
          });
    }
    Transport.Plain plain = Transport.Plain.unconnected();
    return timed(
        limit,
        plain::close,
        () -> {
          plain.channel().connect(where);
          return use(exchange, greeted(plain));
        });
  }

  /** What takes time, and can be ended by closing what it is done on. */
  private interface Timed<T> {
    T call() throws IOException;
  }

  private <T> T timed(Limit limit, Runnable close, Timed<T> work) throws IOException {
    var late = new AtomicBoolean();
    ScheduledFuture<?> alarm =
        watch.schedule(
            () -> {
              late.set(true);
              close.run();
            },
            limit.nanos,
            TimeUnit.NANOSECONDS);
    boolean done = false;
    try {
      T result = work.call();
      done = true;
      return result;
    } catch (RespException.Refused e) {
      done = true;
      throw e;
    } catch (IOException e) {
      throw late.get() ? limit.passed(e) : e;
    } finally {
      alarm.cancel(false);
      if (!done) {
        close.run();
      }
    }
  }

  private <T> T use(Exchange<T> exchange, RespConnection open) throws IOException {
    try {
      T result = exchange.on(open);
      keep(open);
      return result;
    } catch (RespException.Refused e) {
      keep(open);
      throw e;
    }
  }

  private void keep(RespConnection open) {
    if (open.isUsable()) {
      idle.addFirst(open);
    } else {
      open.close();
    }
    if (closed) {
      closeIdle();
    }
  }

  private RespConnection greeted(Transport transport) throws IOException {
    var connection = new RespConnection(transport);
    try {
      if (config.password().isPresent()) {
        String password = config.password().get();
        connection.send(
            config
                .address()
                .user()
                .map(user -> new String[] {"AUTH", user, password})
                .orElse(new String[] {"AUTH", password}));
        connection.readOk("AUTH");
      }
      if (config.address().database() != 0) {
        connection.send("SELECT", Integer.toString(config.address().database()));
        connection.readOk("SELECT");
      }
      return connection;
    } catch (IOException e) {
      connection.close(); // also after a refusal: it is not what was wanted
      throw e;
    }
  }

  private void closeIdle() {
    for (RespConnection c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
      c.close();
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is given up in any case.
    }
  }

  @Override
  public void close() {
    closed = true;
    closeIdle();
    watch.shutdownNow();
  }

  /** An exchange that took longer than any may. */
  static final class ExchangeTimeout extends IOException {
    private static final long serialVersionUID = 1L;

    ExchangeTimeout(String message, IOException cause) {
      super(message, cause);
    }
  }

  /** An exchange that took longer than its caller would wait, or did not begin in time. */
  static final class Impatient extends IOException {
    private static final long serialVersionUID = 1L;

    Impatient(String message) {
      super(message);
    }
  }
}
