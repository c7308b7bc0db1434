package dev.krafla.screen.cdp;

import dev.krafla.screen.ProtocolException;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.wire.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A WebSocket to a browser. Commands of all sessions go out through one bounded queue; answers and
 * events come in on one thread, in order, and the browser is read no faster than they are handled.
 * Event listeners must return at once and may {@link #send} but never {@link #call}.
 */
public final class CdpConnection implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(CdpConnection.class.getName());
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final int MAX_WAITING_COMMANDS = 4096;

  /** 128 Mi characters; the accessibility tree of a page of 30,000 nodes has 10. */
  static final int MAX_MESSAGE_CHARS = 128 << 20;

  private record Waiting(String method, CompletableFuture<ObjectNode> answer) {}

  private final HttpClient http;
  private final WebSocket socket;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
  private final Map<String, Consumer<CdpMessage.Event>> listeners = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<String> outgoing =
      new LinkedBlockingQueue<>(MAX_WAITING_COMMANDS);
  private final AtomicReference<@Nullable String> lost = new AtomicReference<>();
  private final Thread writer;
  private volatile Runnable onLost = () -> {};

  private CdpConnection(HttpClient http, URI endpoint) {
    this.http = http;
    try {
      this.socket =
          http.newWebSocketBuilder()
              .connectTimeout(CONNECT)
              .buildAsync(endpoint, new Listener())
              .join();
    } catch (CompletionException e) {
      http.shutdownNow();
      throw new SurfaceLostException(
          "no browser answers at %s: %s".formatted(endpoint, e.getCause()), e);
    }
    this.writer = Thread.ofVirtual().name("cdp-writer").start(this::write);
  }

  /**
   * Connects to {@code ws://127.0.0.1:PORT/devtools/browser/ID}.
   *
   * @throws SurfaceLostException when nobody answers there
   */
  public static CdpConnection open(URI endpoint) {
    return new CdpConnection(
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .build(),
        endpoint);
  }

  /** Receives the events of a session; empty is the browser's own. Replaces the one before. */
  public void listen(String session, Consumer<CdpMessage.Event> listener) {
    listeners.put(session, listener);
  }

  /** No more events of a session that has ended. */
  public void forget(String session) {
    listeners.remove(session);
  }

  /** Runs once when the connection ends, for whichever reason. */
  public void onLost(Runnable action) {
    onLost = action;
    if (lost.get() != null) {
      action.run();
    }
  }

  /** Whether the browser can still be spoken to. */
  public boolean isOpen() {
    return lost.get() == null;
  }

  /**
   * Asks; the answer comes later. It fails with {@link ProtocolException} when the browser refuses,
   * {@link SurfaceLostException} when it is gone.
   */
  public CompletableFuture<ObjectNode> send(String session, String method, ObjectNode params) {
    long id = ids.incrementAndGet();
    ObjectNode command = Json.object();
    command.put("id", id);
    command.put("method", method);
    command.set("params", params);
    if (!session.isEmpty()) {
      command.put("sessionId", session);
    }
    var answer = new CompletableFuture<ObjectNode>();
    waiting.put(id, new Waiting(method, answer));
    String reason = lost.get();
    if (reason != null) {
      waiting.remove(id);
      answer.completeExceptionally(new SurfaceLostException(reason));
    } else if (!outgoing.offer(Json.write(command))) {
      waiting.remove(id);
      answer.completeExceptionally(
          new SurfaceLostException(
              "%d commands wait for the browser, which takes none".formatted(outgoing.size())));
    }
    return answer;
  }

  /** As {@link #send}, and waits for the answer for {@code atMost}. */
  public ObjectNode call(String session, String method, ObjectNode params, Duration atMost) {
    return await(method, send(session, method, params), atMost);
  }

  /**
   * Waits for an answer.
   *
   * @throws SurfaceLostException when none comes in time, or the browser is gone
   */
  public static <T> T await(String what, CompletableFuture<T> answer, Duration atMost) {
    try {
      return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new SurfaceLostException(what + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new SurfaceLostException(
          "the browser did not answer %s within %d ms".formatted(what, atMost.toMillis()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurfaceLostException("interrupted while waiting for " + what, e);
    }
  }

  private void write() {
    try {
      while (isOpen()) {
        socket.sendText(outgoing.take(), true).join();
      }
    } catch (InterruptedException | CompletionException e) {
      lose("the browser can no longer be written to: " + e.getMessage());
    }
  }

  private void handle(String text) {
    CdpMessage message;
    try {
      message = CdpMessage.parse(text);
    } catch (ProtocolException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
      return;
    }
    switch (message) {
      case CdpMessage.Reply reply -> {
        Waiting asked = waiting.remove(reply.id());
        if (asked != null) {
          asked.answer().complete(reply.result());
        }
      }
      case CdpMessage.Refusal refusal -> {
        Waiting asked = waiting.remove(refusal.id());
        if (asked != null) {
          asked
              .answer()
              .completeExceptionally(
                  new ProtocolException(asked.method() + ": " + refusal.reason()));
        }
      }
      case CdpMessage.Event event -> {
        Consumer<CdpMessage.Event> listener = listeners.get(event.session());
        if (listener != null) {
          listener.accept(event);
        }
      }
    }
  }

  private void lose(String reason) {
    if (!lost.compareAndSet(null, reason)) {
      return;
    }
    waiting
        .values()
        .forEach(w -> w.answer().completeExceptionally(new SurfaceLostException(reason)));
    waiting.clear();
    onLost.run();
  }

  /** Leaves the browser running. */
  @Override
  public void close() {
    lose("the connection to the browser was closed");
    writer.interrupt();
    socket.abort();
    http.shutdownNow();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      if (parts.length() + data.length() > MAX_MESSAGE_CHARS) {
        lose("the browser sent a message of more than %d characters".formatted(MAX_MESSAGE_CHARS));
        from.abort();
        return null;
      }
      parts.append(data);
      if (last) {
        String text = parts.toString();
        parts.setLength(0);
        try {
          handle(text);
        } catch (RuntimeException e) { // a listener's fault must not end the connection
          LOG.log(System.Logger.Level.WARNING, "a message of the browser was not handled", e);
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      lose("the browser closed the connection (status " + status + ")");
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      lose("the connection to the browser broke: " + error);
    }
  }
}
