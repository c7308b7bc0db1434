package dev.krafla.platform;

import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.config.ConfigException;
import dev.krafla.gateway.config.LiveConfig;
import dev.krafla.gateway.server.GatewayServer;
import dev.krafla.gateway.server.GatewaySettings;
import dev.krafla.gateway.server.OpenDoor;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.store.Database;
import dev.krafla.store.StoreException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What {@code krafla up} runs in its own process: database, router and gateway, in this order. It
 * ends in the other. Workers are programs of their own.
 */
final class ControlRole implements AutoCloseable {
  private final Database database;
  private final Optional<LocalRouter> router;
  private final Upstream upstream;
  private final GatewayServer server;
  private final FileWatch watch;

  private ControlRole(
      Database database,
      Optional<LocalRouter> router,
      Upstream upstream,
      GatewayServer server,
      FileWatch watch) {
    this.database = database;
    this.router = router;
    this.upstream = upstream;
    this.server = server;
    this.watch = watch;
  }

  /**
   * What to run.
   *
   * @param config {@code krafla.yaml}; absent where there is none
   * @param models that {@code worker} runs
   * @param address changes where the gateway listens
   * @param notes told what a changed file has led to
   */
  record Plan(
      Path home,
      Map<String, String> environment,
      Optional<Path> config,
      Optional<WorkerProgram> worker,
      List<String> models,
      UnaryOperator<GatewaySettings> address,
      Consumer<String> notes) {}

  /** Starts all of it, or nothing. */
  static ControlRole start(Plan plan) {
    Optional<LiveConfig> file = plan.config().map(path -> open(path, plan));
    Database database = openDatabase(plan);
    Optional<LocalRouter> router = Optional.empty();
    Upstream upstream = Upstream.create();
    try {
      router = plan.worker().map(LocalRouter::start);
      var routing = new LiveRouting(router.map(r -> r.routes(plan.models())).orElse(List.of()));
      file.ifPresent(live -> routing.replace(live.config().routes(), live.config().pricing()));
      GatewaySettings settings =
          plan.address()
              .apply(file.map(live -> live.config().settings()).orElse(GatewaySettings.DEFAULTS));
      GatewayServer server = listen(settings, routing, new OpenDoor(), upstream);
      FileWatch watch =
          FileWatch.start(plan.config(), _ -> file.ifPresent(f -> reload(f, routing, plan)));
      return new ControlRole(database, router, upstream, server, watch);
    } catch (RuntimeException | Error e) {
      upstream.close();
      router.ifPresent(LocalRouter::close);
      database.close();
      throw e;
    }
  }

  private static LiveConfig open(Path file, Plan plan) {
    try {
      return LiveConfig.open(file, name -> Optional.ofNullable(plan.environment().get(name)));
    } catch (ConfigException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private static Database openDatabase(Plan plan) {
    try {
      return Database.open(plan.home(), plan.environment());
    } catch (StoreException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private static GatewayServer listen(
      GatewaySettings settings, LiveRouting routing, Gatekeeper gatekeeper, Upstream upstream) {
    try {
      return GatewayServer.start(settings, routing, gatekeeper, upstream);
    } catch (IllegalStateException e) {
      throw new UserError(
          "cannot listen at %s port %d (%s); name another with --port, or 0 for any free one"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  /** A file that is wrong changes nothing. */
  private static void reload(LiveConfig file, LiveRouting routing, Plan plan) {
    try {
      file.reload();
      routing.replace(file.config().routes(), file.config().pricing());
      plan.notes().accept("krafla.yaml has changed, and holds.");
    } catch (ConfigException e) {
      plan.notes().accept("%s; what held before goes on to hold".formatted(e.getMessage()));
    }
  }

  URI url() {
    return server.url();
  }

  /** What the database is, for people. */
  String database() {
    return database.address().toString();
  }

  int underWay() {
    return server.underWay();
  }

  boolean drain(Duration limit) {
    return server.drain(limit);
  }

  @Override
  public void close() {
    watch.close();
    server.close();
    upstream.close();
    router.ifPresent(LocalRouter::close);
    database.close();
  }
}
