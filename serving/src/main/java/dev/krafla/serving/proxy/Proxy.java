package dev.krafla.serving.proxy;

import dev.krafla.serving.http.BearerKey;
import dev.krafla.serving.http.RefusedCall;
import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnections;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One server in front of many replicas. Each request runs on a virtual thread of its own, in plain
 * blocking code. Closing it leaves the pool and the HTTP client to their owner.
 */
public final class Proxy implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Proxy.class.getName());
  private static final int UNAVAILABLE = 503;
  private static final int OK = 200;

  private final ProxyConfig config;
  private final ReplicaPool pool;
  private final Upstream upstream;
  private final Dispatcher dispatcher;
  private final AskReader asks;
  private final ProxyMetrics metrics;
  private final BearerKey key;
  private final WatchedConnections connections;
  private final WebServer server;
  private final long created = Instant.now().getEpochSecond();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean draining;

  private Proxy(ProxyConfig config, ReplicaPool pool, HttpClient http) {
    this.config = config;
    this.pool = pool;
    metrics = new ProxyMetrics(pool);
    upstream = new Upstream(http, config.longestSilence());
    dispatcher = new Dispatcher(pool, upstream, config, metrics);
    asks = new AskReader(pool.blockTokens());
    key = new BearerKey(config.apiKey());
    connections = new WatchedConnections();
    server =
        connections
            .serverAt(config.host(), config.port(), config.maxConnections())
            .routing(this::route)
            .build();
  }

  /**
   * Starts to listen.
   *
   * @param http for requests to replicas
   * @throws IllegalStateException when the address cannot be listened at
   */
  public static Proxy start(ProxyConfig config, ReplicaPool pool, HttpClient http) {
    var proxy = new Proxy(config, pool, http);
    try {
      proxy.server.start();
    } catch (RuntimeException | Error e) {
      proxy.upstream.close();
      throw e;
    }
    return proxy;
  }

  /** A client for {@link ReplicaPool} and {@link #start}. */
  public static HttpClient httpClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2))
        .followRedirects(HttpClient.Redirect.NEVER)
        .build();
  }

  /** Where it is reached, as {@code http://127.0.0.1:8090}. */
  public URI url() {
    String host = config.host().equals("0.0.0.0") ? "127.0.0.1" : config.host();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + server.port());
  }

  private void route(HttpRouting.Builder routing) {
    for (Ask.Path path : Ask.Path.values()) {
      routing.post(path.text(), (req, res) -> run(req, res, true, call -> ask(call, path)));
    }
    routing.get("/v1/models", (req, res) -> run(req, res, true, this::models));
    routing.get(
        "/v1/models/{+id}",
        (req, res) ->
            run(req, res, true, call -> model(call, req.path().pathParameters().get("id"))));
    routing.get("/health", (req, res) -> run(req, res, false, this::health));
    routing.get(
        "/metrics",
        (req, res) ->
            run(req, res, false, c -> c.text("text/plain; version=0.0.4", metrics.text())));
    routing.any((req, res) ->
        run(
            req,
            res,
            false,
            call -> {
              throw Refusal.noSuchRoute(req.prologue().method().text(), req.path().path());
            }));
  }

  /** Runs one request from its headers to its last byte. */
  private void run(
      ServerRequest request, ServerResponse response, boolean withKey, Consumer<ProxyCall> route) {
    String id = Requests.identify(request, response, () -> UUID.randomUUID().toString());
    var call = new ProxyCall(request, response, connections.of(request), id, config.maxBodyBytes());
    try {
      if (withKey) {
        key.check(request);
      }
      route.accept(call);
    } catch (CloseConnectionException | UncheckedIOException e) {
      throw e; // the client is gone: nobody to answer
    } catch (RuntimeException e) {
      call.connection().requireClient(); // what fails because the client left is no failure
      call.fail(refusal(e));
    } finally {
      if (withKey) {
        metrics.ended(call.status());
      }
      if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
        call.connection().closeAfterAnswer();
      }
    }
  }

  private static RefusedCall refusal(RuntimeException failure) {
    return switch (failure) {
      case RefusedCall refused -> refused;
      case InvalidBody e -> Refusal.invalid(e.param(), String.valueOf(e.getMessage()));
      default -> {
        LOG.log(System.Logger.Level.ERROR, "a request failed by a fault of this router", failure);
        yield Refusal.internal();
      }
    };
  }

  private void ask(ProxyCall call, Ask.Path path) {
    underWay.incrementAndGet();
    try {
      if (draining) {
        throw Refusal.draining();
      }
      dispatcher.dispatch(call, asks.read(path, call.headersToPass(!key.asked()), call.body()));
    } finally {
      underWay.decrementAndGet();
    }
  }

  private Set<String> servedModels() {
    Set<String> models = new TreeSet<>();
    for (Replica replica : pool.replicas()) {
      if (replica.health().ready()) {
        models.addAll(replica.health().models());
      }
    }
    return models;
  }

  private void models(ProxyCall call) {
    ObjectNode answer = Json.object();
    ArrayNode data = answer.put("object", "list").putArray("data");
    servedModels().forEach(id -> data.add(card(id)));
    call.json(OK, answer);
  }

  private void model(ProxyCall call, String id) {
    Set<String> served = servedModels();
    if (!served.contains(id)) {
      throw Refusal.modelNotFound(
          "the model '%s' is served by no replica; there is %s"
              .formatted(id, String.join(", ", served)));
    }
    call.json(OK, card(id));
  }

  private ObjectNode card(String id) {
    ObjectNode card = Json.object();
    card.put("id", id).put("object", "model").put("created", created).put("owned_by", "krafla");
    return card;
  }

  private void health(ProxyCall call) {
    ObjectNode body = Json.object();
    int ready = 0;
    ArrayNode replicas = Json.array();
    for (Replica replica : pool.replicas()) {
      boolean takes = replica.takesRequests();
      ready += takes ? 1 : 0;
      ObjectNode one = replicas.addObject();
      one.put("replica", replica.toString())
          .put("kind", replica.spec().adapter().kind())
          .put("role", replica.spec().role().word())
          .put("ready", takes)
          .put("reason", replica.health().reason());
    }
    String status = draining ? "draining" : ready > 0 ? "ok" : "no_replica_ready";
    body.put("status", status).put("ready", ready).set("replicas", replicas);
    call.json(status.equals("ok") ? OK : UNAVAILABLE, body);
  }

  /** Requests that are being answered. */
  public int underWay() {
    return underWay.get();
  }

  /**
   * Takes no new work, and tells so at {@code /health}; waits until what runs is done.
   *
   * @return whether all ended within {@code limit}, and before this thread was interrupted
   */
  public boolean drain(Duration limit) {
    draining = true;
    long end = System.nanoTime() + limit.toNanos();
    while (underWay.get() > 0) {
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
    return true;
  }

  /** Stops listening and closes all connections, whatever they are doing. */
  @Override
  public void close() {
    draining = true;
    server.stop();
    upstream.close();
  }
}
