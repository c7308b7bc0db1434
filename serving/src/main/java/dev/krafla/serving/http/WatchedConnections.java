package dev.krafla.serving.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * HTTP/1.1 connections that are read ahead of their handlers, so that a client that leaves is
 * noticed while its request still runs. Helidon itself reads a connection only between requests,
 * and so would notice at the next write, which may be minutes away.
 */
public final class WatchedConnections implements ServerConnectionSelector {
  private static final Duration ANSWERS_END = Duration.ofSeconds(2);

  private final Optional<Duration> requestTime;
  private final Http1ConnectionSelector http1;
  private final ConcurrentMap<String, WatchedConnection> open = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();

  /** Requests may take what time they need, while they are not silent. */
  public WatchedConnections() {
    this(Optional.empty());
  }

  /**
   * @param requestTime from a request's first byte until the handler says that it is whole, which
   *     it must say of each; a slower one is refused, with status 408
   */
  public WatchedConnections(Optional<Duration> requestTime) {
    this.requestTime = requestTime;
    http1 = Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  }

  /** A server whose connections these are; its routing is still to be given. */
  public WebServerConfig.Builder serverAt(String host, int port, int maxConnections) {
    return WebServer.builder()
        .host(host)
        .port(port)
        .maxTcpConnections(maxConnections)
        // A token is a small write; waiting for the last one's ACK would cost 40 ms each.
        .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
        .addConnectionSelector(this)
        .shutdownHook(false)
        .shutdownGracePeriod(ANSWERS_END);
  }

  /** The connection that carries {@code request}. */
  public WatchedConnection of(ServerRequest request) {
    WatchedConnection connection = open.get(request.socketId());
    if (connection == null) {
      throw new IllegalStateException("connection %s is not open".formatted(request.socketId()));
    }
    return connection;
  }

  /** Connections that are open now. */
  public int count() {
    return open.size();
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext ctx) {
    // An id of our own: Helidon's is an identity hash, which two connections can share.
    String id = ctx.childSocketId() + "-" + number.incrementAndGet();
    var connection = new WatchedConnection(ctx, id, requestTime, () -> open.remove(id));
    open.put(id, connection);
    connection.serve(http1.connection(connection));
    return connection;
  }
}
