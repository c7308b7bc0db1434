package dev.krafla.platform;

import dev.krafla.gateway.provider.Provider;
import dev.krafla.gateway.provider.ProviderKind;
import dev.krafla.gateway.provider.Secret;
import dev.krafla.gateway.route.ModelLimits;
import dev.krafla.gateway.route.Order;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.upstream.Patience;
import dev.krafla.serving.proxy.Proxy;
import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.replica.ReplicaRole;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The router of this process, behind a key that only this process knows, in front of the workers
 * that it runs; and what the gateway calls them.
 */
final class LocalRouter implements AutoCloseable {
  /** What the gateway's answers and metrics call the workers of this machine. */
  private static final String PROVIDER = "local";

  private static final Duration DRAIN = Duration.ofSeconds(5);

  private final HttpClient http;
  private final ReplicaPool pool;
  private final Proxy proxy;
  private final String key;

  private LocalRouter(HttpClient http, ReplicaPool pool, Proxy proxy, String key) {
    this.http = http;
    this.pool = pool;
    this.proxy = proxy;
    this.key = key;
  }

  /** A router in front of {@code worker}; the worker may start later, and again. */
  static LocalRouter start(WorkerProgram worker) {
    var router =
        new Router(
            Policy.PREFIX.picker(1), ReplicaPool.Settings.DEFAULTS.blockTokens(), System::nanoTime);
    HttpClient http = Proxy.httpClient();
    var pool = new ReplicaPool(router, ReplicaPool.Settings.DEFAULTS, worker::variable, http);
    try {
      pool.replace(
          List.of(
              new ReplicaSpec(
                  worker.url(),
                  EngineAdapter.of("krafla"),
                  List.of(),
                  ReplicaRole.BOTH,
                  Optional.of(WorkerProgram.KEY_VARIABLE),
                  Optional.empty(),
                  OptionalInt.empty())));
      ProxyConfig config =
          ProxyConfig.DEFAULTS.at("127.0.0.1", 0).withApiKey(Optional.of(worker.key()));
      return new LocalRouter(http, pool, Proxy.start(config, pool, http), worker.key());
    } catch (RuntimeException | Error e) {
      pool.close();
      http.shutdownNow();
      throw e;
    }
  }

  /** One route for each model, by its name. */
  List<Route> routes(List<String> models) {
    ProviderKind kind = ProviderKind.of("krafla").orElseThrow();
    var provider =
        new Provider(
            PROVIDER,
            kind,
            URI.create(proxy.url() + "/v1"),
            Optional.of(new Secret("the worker's own key", key)),
            kind.speaks(),
            Map.of());
    return models.stream()
        .map(model ->
            new Route(
                model,
                List.of(new Target(provider, model, 1, ModelLimits.DEFAULTS)),
                Order.PRIORITY,
                Set.of(),
                Patience.USUAL,
                1))
        .toList();
  }

  @Override
  public void close() {
    proxy.drain(DRAIN);
    proxy.close();
    pool.close();
    http.shutdownNow();
  }
}
