package dev.krafla.screen.cdp;

import dev.krafla.wire.Json;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Commands to one target of a browser: a page, or a frame in a process of its own. */
public record CdpSession(CdpConnection connection, String id) {
  /** What a browser that works needs a fraction of. */
  public static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Asks; the answer comes later. */
  public CompletableFuture<ObjectNode> send(String method, ObjectNode params) {
    return connection.send(id, method, params);
  }

  /** As {@link #send(String, ObjectNode)} with pairs of name and value. */
  public CompletableFuture<ObjectNode> send(String method, Object... params) {
    return send(method, params(params));
  }

  /** Asks, whatever the answer. */
  public void tell(String method, Object... params) {
    var _ = send(method, params(params));
  }

  /** Asks and waits. */
  public ObjectNode call(String method, Object... params) {
    return connection.call(id, method, params(params), PATIENCE);
  }

  /** Receives what happens in this session. */
  public void listen(Consumer<CdpMessage.Event> listener) {
    connection.listen(id, listener);
  }

  /** {@code "x", 1, "y", "two"} as an object. */
  public static ObjectNode params(Object... pairs) {
    ObjectNode params = Json.object();
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      params.set((String) pairs[i], Json.toTree(pairs[i + 1]));
    }
    return params;
  }
}
