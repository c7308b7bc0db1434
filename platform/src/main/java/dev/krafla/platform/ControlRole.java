package dev.krafla.platform;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.access.AccessControl;
import dev.krafla.gateway.access.KeyRequest;
import dev.krafla.gateway.access.NewKey;
import dev.krafla.gateway.access.Role;
import dev.krafla.gateway.admin.AdminApi;
import dev.krafla.gateway.admin.PriceBook;
import dev.krafla.gateway.audit.ChainedAuditLog;
import dev.krafla.gateway.config.ConfigException;
import dev.krafla.gateway.config.LiveConfig;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.server.GatewayServer;
import dev.krafla.gateway.server.GatewaySettings;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.store.Database;
import dev.krafla.store.StoreException;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What {@code krafla up} runs in its own process: database, router and gateway, in this order. It
 * ends in the other. Workers are programs of their own.
 */
final class ControlRole implements AutoCloseable {
  private final Database database;
  private final AccessControl access;
  private final Optional<LocalRouter> router;
  private final Upstream upstream;
  private final GatewayServer server;
  private final FileWatch watch;

  private ControlRole(
      Database database,
      AccessControl access,
      Optional<LocalRouter> router,
      Upstream upstream,
      GatewayServer server,
      FileWatch watch) {
    this.database = database;
    this.access = access;
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
   * @param takeOver the database, from a journal of the ledger that is lost
   * @param address changes where the gateway listens
   * @param notes told what a changed file has led to
   */
  record Plan(
      Path home,
      Map<String, String> environment,
      Optional<Path> config,
      Optional<WorkerProgram> worker,
      List<String> models,
      boolean takeOver,
      UnaryOperator<GatewaySettings> address,
      Consumer<String> notes) {}

  /** Starts all of it, or nothing. */
  static ControlRole start(Plan plan) {
    Optional<LiveConfig> file = plan.config().map(path -> open(path, plan));
    Database database = openDatabase(plan);
    try {
      var audit = new ChainedAuditLog(database, InstantSource.system());
      AccessControl access = openAccess(database, audit, plan);
      try {
        return start(plan, file, database, audit, access);
      } catch (RuntimeException | Error e) {
        close(access);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
  }

  private static ControlRole start(
      Plan plan,
      Optional<LiveConfig> file,
      Database database,
      AuditLog audit,
      AccessControl access) {
    Upstream upstream = Upstream.create();
    Optional<LocalRouter> router = Optional.empty();
    try {
      router = plan.worker().map(LocalRouter::start);
      var routing = new LiveRouting(router.map(r -> r.routes(plan.models())).orElse(List.of()));
      file.ifPresent(live -> routing.replace(live.config().routes(), live.config().pricing()));
      // Prices of the database hold before those of the file.
      var prices =
          new PriceBook(database.jdbi(), audit, InstantSource.system(), routing.filePrices());
      var admin = new AdminApi(access, prices, database.jdbi());
      GatewaySettings settings =
          plan.address()
              .apply(file.map(live -> live.config().settings()).orElse(GatewaySettings.DEFAULTS));
      GatewayServer server =
          listen(
              settings,
              () -> new Routing(routing.get().routes(), prices),
              access.gatekeeper(),
              upstream,
              routes -> routes.register(AdminApi.PATH, admin));
      FileWatch watch =
          FileWatch.start(plan.config(), _ -> file.ifPresent(f -> reload(f, routing, plan)));
      return new ControlRole(database, access, router, upstream, server, watch);
    } catch (RuntimeException | Error e) {
      upstream.close();
      router.ifPresent(LocalRouter::close);
      throw e;
    }
  }

  private static AccessControl openAccess(Database database, AuditLog audit, Plan plan) {
    Path journal = plan.home().resolve("ledger");
    try {
      return AccessControl.start(
          database.jdbi(), journal, audit, ZoneId.systemDefault(), plan.takeOver());
    } catch (IOException e) {
      throw new UserError("the ledger in %s cannot be opened: %s".formatted(journal, e), e);
    } catch (IllegalStateException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
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
      GatewaySettings settings,
      Supplier<Routing> routing,
      Gatekeeper gatekeeper,
      Upstream upstream,
      Consumer<HttpRouting.Builder> beside) {
    try {
      return GatewayServer.start(settings, routing, gatekeeper, upstream, beside);
    } catch (IllegalStateException e) {
      throw GatewayAddress.cannotListen(settings, e);
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

  /** The admin key that this start made, where none was made before. */
  Optional<NewKey> firstKey() {
    return access.firstKey();
  }

  /** Another admin key, for who has lost the first; older ones hold on. */
  NewKey anotherAdminKey() {
    long organisation = access.directory().organisations().getFirst().id();
    return access
        .directory()
        .addKey(AccessControl.SYSTEM, KeyRequest.plain("admin", organisation).withRole(Role.ADMIN))
        .secret();
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
    close(access);
    database.close();
  }

  private static void close(AccessControl access) {
    try {
      access.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger's journal cannot be closed: " + e, e);
    }
  }
}
