package dev.krafla.gateway.server;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.serving.http.RefusedCall;
import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnections;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The door in front of every model. Each request runs on a virtual thread of its own, in plain
 * blocking code. Closing it leaves the upstream connections to their owner.
 */
public final class GatewayServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(GatewayServer.class.getName());
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final GatewaySettings settings;
  private final Supplier<Routing> routing;
  private final Gatekeeper gatekeeper;
  private final Upstream upstream;
  private final HeldBytes held;
  private final GatewayMetrics metrics;
  private final WatchedConnections connections;
  private final WebServer server;
  private final long created = Instant.now().getEpochSecond();
  private final String idPrefix = "req_" + Long.toString(System.nanoTime() & 0xff_ffff_ffffL, 36);
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean draining;

  private GatewayServer(
      GatewaySettings settings,
      Supplier<Routing> routing,
      Gatekeeper gatekeeper,
      Upstream upstream,
      Consumer<HttpRouting.Builder> beside) {
    this.settings = settings;
    this.routing = routing;
    this.gatekeeper = gatekeeper;
    this.upstream = upstream;
    this.held = new HeldBytes(settings.maxHeldBytes());
    this.metrics = new GatewayMetrics(() -> routing.get().routes(), upstream, held);
    this.connections = new WatchedConnections(Optional.of(settings.requestTime()));
    this.server =
        connections
            .serverAt(settings.host(), settings.port(), settings.maxConnections())
            .routing(routes -> {
              beside.accept(routes);
              route(routes);
            })
            .build();
  }

  /**
   * Starts to listen.
   *
   * @param routing asked once for each request
   * @throws IllegalStateException when the address cannot be listened at
   */
  public static GatewayServer start(
      GatewaySettings settings,
      Supplier<Routing> routing,
      Gatekeeper gatekeeper,
      Upstream upstream) {
    return start(settings, routing, gatekeeper, upstream, _ -> {});
  }

  /**
   * As {@link #start(GatewaySettings, Supplier, Gatekeeper, Upstream)}.
   *
   * @param beside adds what else is served at this port, as the admin API
   */
  public static GatewayServer start(
      GatewaySettings settings,
      Supplier<Routing> routing,
      Gatekeeper gatekeeper,
      Upstream upstream,
      Consumer<HttpRouting.Builder> beside) {
    var gateway = new GatewayServer(settings, routing, gatekeeper, upstream, beside);
    gateway.server.start();
    return gateway;
  }

  /** Where it is reached, as {@code http://127.0.0.1:8080}. */
  public URI url() {
    String host = settings.host().equals("0.0.0.0") ? "127.0.0.1" : settings.host();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + server.port());
  }

  private void route(HttpRouting.Builder routes) {
    for (Endpoint endpoint : Endpoint.values()) {
      routes.post(
          endpoint.path(),
          (req, res) -> run(req, res, Optional.of(endpoint), c -> ask(c, endpoint)));
    }
    routes.get("/v1/models", (req, res) -> run(req, res, Optional.empty(), this::models));
    routes.get(
        "/v1/models/{+id}",
        (req, res) ->
            run(
                req,
                res,
                Optional.empty(),
                call -> model(call, req.path().pathParameters().get("id"))));
    routes.get("/health", (req, res) -> run(req, res, Optional.empty(), this::health));
    routes.get(
        "/metrics",
        (req, res) ->
            run(
                req,
                res,
                Optional.empty(),
                c -> c.text("text/plain; version=0.0.4", metrics.text())));
    routes.any((req, res) ->
        run(
            req,
            res,
            Optional.empty(),
            call -> {
              throw Refusal.noSuchPath(req.prologue().method().text(), req.path().path());
            }));
  }

  /** Runs one request from its headers to its last byte. */
  private void run(
      ServerRequest request,
      ServerResponse response,
      Optional<Endpoint> endpoint,
      Consumer<GatewayCall> route) {
    long begun = System.nanoTime();
    String id = Requests.identify(request, response, this::nextId);
    var call = new GatewayCall(request, response, connections.of(request), id);
    try {
      route.accept(call);
    } catch (CloseConnectionException | UncheckedIOException e) {
      throw e; // the client is gone: nobody to answer
    } catch (RuntimeException e) {
      call.connection().requireClient(); // what fails because the client left is no failure
      if (call.begun()) {
        LOG.log(System.Logger.Level.ERROR, "a request failed within its answer", e);
        throw new CloseConnectionException("the answer cannot be ended", e);
      }
      RefusedCall why = refusal(e);
      call.fail(why, WireErrors.body(endpoint, why.status(), why.body()));
    } finally {
      call.connection().requestIsWhole();
      endpoint.ifPresent(e -> metrics.ended(e, call.status(), System.nanoTime() - begun));
      if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
        call.connection().closeAfterAnswer();
      }
    }
  }

  private String nextId() {
    return idPrefix + Long.toString(ids.incrementAndGet(), 36);
  }

  private static RefusedCall refusal(RuntimeException failure) {
    return switch (failure) {
      case RefusedCall refused -> refused;
      case Unsupported e -> Refusal.unsupported(e.param(), String.valueOf(e.getMessage()));
      case InvalidBody e -> Refusal.invalid(e.param(), String.valueOf(e.getMessage()));
      default -> {
        LOG.log(System.Logger.Level.ERROR, "a request failed by a fault of this gateway", failure);
        yield Refusal.internal();
      }
    };
  }

  private void ask(GatewayCall call, Endpoint endpoint) {
    long begun = System.nanoTime();
    underWay.incrementAndGet();
    long announced = 0;
    long kept = 0;
    try {
      if (draining) {
        throw Refusal.draining();
      }
      Caller caller = gatekeeper.identify(call.key(), call.from());
      announced = Math.min(call.announcedBytes().orElse(0L), settings.maxBodyBytes());
      held.take(announced);
      kept = announced;
      byte[] body = call.body(settings.maxBodyBytes());
      call.connection().requestIsWhole();
      if (body.length > kept) {
        held.take(body.length - kept);
        kept = body.length;
      }
      Ask ask = AskReader.read(endpoint, body, call.header(GatewayCall.SESSION));
      new Exchange(upstream, gatekeeper, metrics, routing.get(), call, ask, caller, begun).run();
    } finally {
      held.giveBack(kept);
      underWay.decrementAndGet();
    }
  }

  private void models(GatewayCall call) {
    gatekeeper.identify(call.key(), call.from());
    ObjectNode answer = Json.object();
    ArrayNode data = answer.put("object", "list").putArray("data");
    routing.get().routes().routes().forEach(route -> data.add(card(route)));
    call.json(OK, answer);
  }

  private void model(GatewayCall call, String id) {
    gatekeeper.identify(call.key(), call.from());
    Route route =
        routing
            .get()
            .routes()
            .find(id)
            .orElseThrow(() ->
                Refusal.modelNotFound(
                    "the model '%s' is not known here; GET /v1/models lists what there is"
                        .formatted(id)));
    call.json(OK, card(route));
  }

  private ObjectNode card(Route route) {
    ObjectNode card = Json.object();
    card.put("id", route.name()).put("object", "model").put("created", created);
    return card.put("owned_by", "krafla");
  }

  /** Ready when one target of each model takes requests. */
  private void health(GatewayCall call) {
    RouteTable table = routing.get().routes();
    ObjectNode body = Json.object();
    ArrayNode models = Json.array();
    boolean all = true;
    for (Route route : table.routes()) {
      long ready = route.targets().stream().filter(t -> ready(table, t)).count();
      all &= ready > 0;
      models
          .addObject()
          .put("model", route.name())
          .put("targets", route.targets().size())
          .put("ready", ready);
    }
    String status = draining ? "draining" : all ? "ok" : "degraded";
    body.put("status", status).set("models", models);
    call.json(draining ? UNAVAILABLE : OK, body);
  }

  private static boolean ready(RouteTable table, Target target) {
    return table.health(target).admits();
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
  }
}
