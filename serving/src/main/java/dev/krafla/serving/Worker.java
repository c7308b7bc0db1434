package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.serving.http.BearerKey;
import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnections;
import dev.krafla.wire.Json;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP server in front of one engine, or of a pool of them, by the model that a request names.
 * Each request runs on a virtual thread of its own, in plain blocking code; the engines' threads do
 * the computing. Closing it leaves engines and models to their owner.
 */
public final class Worker implements AutoCloseable {
  private final ModelPool models;
  private final WorkerConfig config;
  private final PoolMetrics metrics;
  private final BearerKey key;
  private final WatchedConnections connections;
  private final WebServer server;
  private volatile boolean draining;

  private Worker(WorkerConfig config, ModelPool models) {
    this.models = models;
    this.config = config;
    metrics = new PoolMetrics(models);
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
   * @throws IllegalStateException when the address cannot be listened at
   */
  public static Worker start(WorkerConfig config, Engine engine, ServedModel served) {
    return start(config, ModelPool.of(served, engine));
  }

  /**
   * Starts to listen, for all models of {@code models}.
   *
   * @throws IllegalStateException when the address cannot be listened at
   */
  public static Worker start(WorkerConfig config, ModelPool models) {
    var worker = new Worker(config, models);
    worker.server.start();
    return worker;
  }

  /** Where it is reached, as {@code http://127.0.0.1:8080}. */
  public URI url() {
    String host = config.host().equals("0.0.0.0") ? "127.0.0.1" : config.host();
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + literal + ":" + server.port());
  }

  private void route(HttpRouting.Builder routing) {
    var cards = new ModelsRoute(models);
    post(routing, "/v1/chat/completions", LiveModel::chat);
    post(routing, "/v1/completions", LiveModel::completion);
    post(routing, "/v1/embeddings", LiveModel::embedding);
    post(routing, "/tokenize", model -> model.tokens()::tokenize);
    post(routing, "/detokenize", model -> model.tokens()::detokenize);
    get(routing, "/v1/models", true, cards::list);
    routing.get(
        "/v1/models/{+id}",
        (req, res) ->
            run(req, res, true, c -> cards.one(c, req.path().pathParameters().get("id"))));
    get(routing, "/health", false, this::health);
    get(routing, "/metrics", false, c -> c.text("text/plain; version=0.0.4", metrics.text()));
    routing.any((req, res) ->
        run(
            req,
            res,
            false,
            c -> {
              throw Refused.noSuchRoute(method(req), req.path().path());
            }));
  }

  private void post(HttpRouting.Builder routing, String path, Function<LiveModel, Route> route) {
    routing.post(path, (req, res) -> run(req, res, true, whenServing(route)));
    routing.any(path, wrongMethod(path, "POST"));
  }

  private void get(HttpRouting.Builder routing, String path, boolean withKey, Route route) {
    routing.get(path, (req, res) -> run(req, res, withKey, route));
    routing.any(path, wrongMethod(path, "GET"));
  }

  private Handler wrongMethod(String path, String right) {
    return (req, res) ->
        run(
            req,
            res,
            false,
            c -> {
              throw Refused.wrongMethod(method(req), path, right);
            });
  }

  private static String method(ServerRequest request) {
    return request.prologue().method().text();
  }

  /** Holds the model that is asked for as long as it answers. */
  private Route whenServing(Function<LiveModel, Route> route) {
    return call -> {
      if (draining) {
        throw Refused.draining();
      }
      try (ModelPool.Lease lease = models.lease(call.model())) {
        call.answeredBy(lease.model());
        route.apply(lease.model()).handle(call);
      }
    };
  }

  /** Runs one request from its headers to its last byte. */
  private void run(ServerRequest request, ServerResponse response, boolean withKey, Route route) {
    String id = Requests.identify(request, response, Ids::request);
    var call = new Call(request, response, connections.of(request), id, config.maxBodyBytes());
    try {
      if (withKey) {
        key.check(request);
      }
      route.handle(call);
    } catch (CloseConnectionException | UncheckedIOException e) {
      throw e; // the client is gone: nobody to answer
    } catch (RuntimeException e) {
      call.connection().requireClient(); // what fails because the client left is no failure
      ErrorResponse error = ErrorResponse.of(e);
      call.answering()
          .or(() -> models.live().stream().findFirst())
          .ifPresent(model -> model.metrics().refused(error.status()));
      call.fail(error);
    } finally {
      if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
        call.connection().closeAfterAnswer();
      }
    }
  }

  private void health(Call call) {
    ObjectNode body = Json.object();
    body.put("status", draining ? "draining" : "ok");
    call.json(draining ? Status.SERVICE_UNAVAILABLE_503 : Status.OK_200, body);
  }

  /** Connections that are open now. */
  int openConnections() {
    return connections.count();
  }

  /**
   * Takes no new work, and tells so at {@code /health}; waits until what runs is done.
   *
   * @return whether all ended within {@code limit}
   */
  public boolean drain(Duration limit) {
    draining = true;
    return models.drain(limit);
  }

  /** Stops listening and closes all connections, whatever they are doing. */
  @Override
  public void close() {
    draining = true;
    server.stop();
  }
}
