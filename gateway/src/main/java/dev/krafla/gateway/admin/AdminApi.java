package dev.krafla.gateway.admin;

import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.access.AccessControl;
import dev.krafla.gateway.access.AccessException;
import dev.krafla.gateway.access.ApiKey;
import dev.krafla.gateway.access.Directory;
import dev.krafla.gateway.access.KeyRequest;
import dev.krafla.gateway.access.Member;
import dev.krafla.gateway.access.Organisation;
import dev.krafla.gateway.access.Role;
import dev.krafla.gateway.money.AccountId;
import dev.krafla.gateway.money.Level;
import dev.krafla.gateway.money.Price;
import dev.krafla.gateway.money.PriceTable;
import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API, to be mounted at {@value #PATH}. Whoever calls has a key with a {@link Role};
 * every change counts for the next request and leaves an audit entry.
 */
public final class AdminApi implements HttpService {
  /** Where it belongs. */
  public static final String PATH = "/admin/v1";

  private static final System.Logger LOG = System.getLogger(AdminApi.class.getName());
  private static final Duration OVERLAP = Duration.ofHours(24);
  private static final Duration LONGEST_OVERLAP = Duration.ofDays(90);
  private static final Duration LOOK_BACK = Duration.ofDays(30);

  private final AccessControl access;
  private final Directory directory;
  private final PriceBook prices;
  private final UsageReport usage;

  public AdminApi(AccessControl access, PriceBook prices, Jdbi database) {
    this.access = access;
    this.directory = access.directory();
    this.prices = prices;
    this.usage = new UsageReport(database);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/me", (q, s) -> run(q, s, c -> c.json(200, AdminJson.of(c.key()))))
        .get("/organisations", (q, s) -> run(q, s, this::organisations))
        .post("/organisations", (q, s) -> run(q, s, this::addOrganisation))
        .get("/keys", (q, s) -> run(q, s, this::keys))
        .post("/keys", (q, s) -> run(q, s, this::addKey))
        .post("/keys/{id}/rotate", (q, s) -> run(q, s, this::rotateKey))
        .delete("/keys/{id}", (q, s) -> run(q, s, this::revokeKey))
        .get("/limits/{level}/{id}", (q, s) -> run(q, s, this::limits))
        .put("/limits/{level}/{id}", (q, s) -> run(q, s, this::setLimits))
        .get("/balances/{level}/{id}", (q, s) -> run(q, s, this::balances))
        .get("/prices", (q, s) -> run(q, s, this::prices))
        .put("/prices", (q, s) -> run(q, s, this::setPrices))
        .get("/prices/replay", (q, s) -> run(q, s, this::replay))
        .get("/usage", (q, s) -> run(q, s, this::usage))
        .get("/usage/unresolved", (q, s) -> run(q, s, this::unresolved))
        .post("/usage/{id}/resolve", (q, s) -> run(q, s, this::resolve));
    members(rules, "/teams", Level.TEAM);
    members(rules, "/users", Level.USER);
    members(rules, "/apps", Level.APP);
    rules.any((q, s) ->
        run(
            q,
            s,
            c -> {
              throw notFound(
                  "%s %s is not in the admin API; docs/MONEY.md lists what is"
                      .formatted(q.prologue().method().text(), q.path().path()));
            }));
  }

  private void members(HttpRules rules, String path, Level level) {
    rules
        .get(
            path,
            (q, s) ->
                run(
                    q,
                    s,
                    c ->
                        c.page(
                            directory.members(level, c.organisation()), Member::id, AdminJson::of)))
        .post(path, (q, s) -> run(q, s, c -> addMember(c, level)));
  }

  // ---- one call ---------------------------------------------------------------------------------

  private void run(ServerRequest request, ServerResponse response, Consumer<AdminCall> what) {
    try {
      ApiKey key = access.ring().find(sentKey(request), from(request));
      var call = new AdminCall(request, response, key);
      call.require(Role.VIEWER);
      what.accept(call);
    } catch (RefusedCall e) {
      if (e.closesConnection()) {
        response.header(HeaderValues.CONNECTION_CLOSE);
      }
      fail(response, e.status(), String.valueOf(e.getMessage()), e.body().type());
    } catch (InvalidBody e) {
      fail(response, 400, String.valueOf(e.getMessage()), "invalid_request_error");
    } catch (AccessException e) {
      fail(
          response,
          e.missing() ? 404 : 409,
          String.valueOf(e.getMessage()),
          "invalid_request_error");
    } catch (JdbiException e) {
      LOG.log(System.Logger.Level.WARNING, "the admin API cannot reach the database", e);
      fail(response, 503, "the database is away; nothing was changed, try again", "server_error");
    }
  }

  private static GatewayRefusal notFound(String message) {
    return new GatewayRefusal(404, message, "invalid_request_error", "not_found", Optional.empty());
  }

  private static Optional<String> sentKey(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.AUTHORIZATION)
        .filter(a -> a.regionMatches(true, 0, "bearer ", 0, 7))
        .map(a -> a.substring(7).strip())
        .or(() -> request.headers().first(HeaderNames.create("x-api-key")));
  }

  private static InetAddress from(ServerRequest request) {
    return request.remotePeer().address() instanceof InetSocketAddress socket
        ? socket.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  private static void fail(ServerResponse response, int status, String message, String type) {
    ObjectNode body = Json.object();
    body.putObject("error").put("message", message).put("type", type);
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(Json.writeBytes(body));
  }

  // ---- who there is -----------------------------------------------------------------------------

  private void organisations(AdminCall call) {
    List<Organisation> seen =
        directory.organisations().stream()
            .filter(o -> call.runsAll() || o.id() == call.key().caller().organisationId())
            .toList();
    call.page(seen, Organisation::id, AdminJson::of);
  }

  private void addOrganisation(AdminCall call) {
    if (!call.runsAll()) {
      throw AdminCall.forbidden("only admins of the first organisation make others");
    }
    AdminBody body = call.body().only("name", "zone");
    String zone = body.text("zone").orElse("UTC");
    try {
      Organisation made =
          directory.addOrganisation(call.actor(), body.requireText("name"), ZoneId.of(zone));
      call.json(201, AdminJson.of(made));
    } catch (DateTimeException e) {
      throw AdminCall.invalid(
          "zone is '%s'; it must be a time zone like Europe/Berlin".formatted(zone));
    }
  }

  private void addMember(AdminCall call, Level level) {
    call.require(Role.OPERATOR);
    AdminBody body = call.body().only("name", "organisation", "role");
    long organisation = organisation(call, body);
    Role role = body.role().orElse(Role.VIEWER);
    if (level == Level.USER && role.covers(Role.OPERATOR)) {
      call.require(Role.ADMIN);
    }
    Member made =
        directory.addMember(call.actor(), level, organisation, body.requireText("name"), role);
    call.json(201, AdminJson.of(made));
  }

  private static long organisation(AdminCall call, AdminBody body) {
    long id = body.number("organisation").orElse(call.key().caller().organisationId());
    call.requireOrganisation(id);
    return id;
  }

  // ---- keys -------------------------------------------------------------------------------------

  private void keys(AdminCall call) {
    call.page(directory.keys(call.organisation()), k -> k.caller().keyId(), AdminJson::of);
  }

  private void addKey(AdminCall call) {
    call.require(Role.DEVELOPER);
    AdminBody body =
        call.body()
            .only(
                "name",
                "organisation",
                "team",
                "user",
                "app",
                "role",
                "models",
                "networks",
                "expires");
    Optional<Role> role = body.role();
    if (role.isPresent()) {
      call.require(Role.ADMIN);
    }
    var request =
        new KeyRequest(
            body.requireText("name"),
            organisation(call, body),
            body.number("team"),
            body.number("user"),
            body.number("app"),
            role,
            body.texts("models"),
            body.networks(),
            body.instant("expires"));
    call.json(201, withSecret(directory.addKey(call.actor(), request)));
  }

  private static ObjectNode withSecret(Directory.MadeKey made) {
    return AdminJson.of(made.key()).put("key", made.secret().text());
  }

  /** The key that the path names, if the caller may change it. */
  private ApiKey changeable(AdminCall call) {
    call.require(Role.DEVELOPER);
    ApiKey key = directory.key(call.pathNumber("id"));
    call.requireOrganisation(key.caller().organisationId());
    if (key.role().isPresent()) {
      call.require(Role.ADMIN);
    }
    return key;
  }

  private void rotateKey(AdminCall call) {
    ApiKey key = changeable(call);
    Duration overlap =
        call.body()
            .only("overlap_seconds")
            .number("overlap_seconds")
            .map(s -> Duration.ofSeconds(Math.min(s, LONGEST_OVERLAP.toSeconds())))
            .orElse(OVERLAP);
    call.json(201, withSecret(directory.rotateKey(call.actor(), key.caller().keyId(), overlap)));
  }

  private void revokeKey(AdminCall call) {
    ApiKey key = changeable(call);
    call.json(200, AdminJson.of(directory.revokeKey(call.actor(), key.caller().keyId())));
  }

  // ---- limits and money -------------------------------------------------------------------------

  private AccountId account(AdminCall call) {
    var account =
        new AccountId(
            AdminBody.constant(Level.class, "level", call.path("level")), call.pathNumber("id"));
    call.requireOrganisation(directory.ownerOf(account));
    return account;
  }

  private void limits(AdminCall call) {
    call.json(200, AdminJson.of(directory.terms(account(call))));
  }

  private void setLimits(AdminCall call) {
    call.require(Role.OPERATOR);
    AccountId account = account(call);
    directory.setTerms(call.actor(), account, call.body().terms());
    call.json(200, AdminJson.of(directory.terms(account)));
  }

  private void balances(AdminCall call) {
    AccountId account = account(call);
    long organisation = directory.ownerOf(account);
    call.json(
        200,
        AdminJson.of(
            access.ledger().ledger().balances(organisation, account),
            access.ledger().ledger().underWay(organisation, account)));
  }

  private void prices(AdminCall call) {
    ObjectNode answer = Json.object();
    ArrayNode data = answer.putArray("data");
    prices.entries().forEach(e -> data.add(PriceBook.json(e)));
    call.json(200, answer);
  }

  private void setPrices(AdminCall call) {
    if (!call.runsAll()) {
      throw AdminCall.forbidden(
          "prices are for all; only admins of the first organisation set them");
    }
    AdminBody body =
        call.body()
            .only("provider", "model", "from", "input", "cached_input", "output", "per_image");
    long input = body.dollars("input").orElse(0);
    var entry =
        new PriceTable.Entry(
            body.requireText("provider"),
            body.text("model").orElse(PriceTable.ANY_MODEL),
            body.instant("from").orElseGet(Instant::now),
            new Price(
                input,
                body.dollars("cached_input").orElse(input),
                body.dollars("output").orElse(0),
                body.dollars("per_image").orElse(0)));
    prices.put(call.actor(), List.of(entry));
    call.json(200, PriceBook.json(entry));
  }

  private static Instant instant(AdminCall call, String name, Instant otherwise) {
    Optional<String> text = call.query(name);
    try {
      return text.map(Instant::parse).orElse(otherwise);
    } catch (DateTimeException e) {
      throw AdminCall.invalid(
          "%s is '%s'; write it as 2026-12-31T00:00:00Z".formatted(name, text.orElse("")));
    }
  }

  private void replay(AdminCall call) {
    Instant now = Instant.now();
    Optional<Instant> pricesAt = call.query("prices_at").map(_ -> instant(call, "prices_at", now));
    call.json(
        200,
        prices.replay(
            call.organisation(),
            instant(call, "from", now.minus(LOOK_BACK)),
            instant(call, "to", now),
            pricesAt));
  }

  private void usage(AdminCall call) {
    Instant now = Instant.now();
    String by = call.query("by").orElse("day");
    long organisation = call.organisation();
    List<UsageReport.Line> lines =
        usage.lines(
            organisation,
            by,
            directory.organisation(organisation).zone(),
            instant(call, "from", now.minus(LOOK_BACK)),
            instant(call, "to", now),
            call.query("model"));
    if (call.wantsCsv()) {
      call.csv(UsageReport.csv(by, lines));
    } else {
      call.json(200, UsageReport.json(by, lines));
    }
  }

  private void unresolved(AdminCall call) {
    call.json(
        200,
        usage.unresolved(
            call.organisation(),
            call.number("after").orElse(0L),
            1 + call.number("limit").orElse(99L)));
  }

  private void resolve(AdminCall call) {
    if (!call.runsAll()) {
      throw AdminCall.forbidden("only admins of the first organisation resolve requests");
    }
    AdminBody body =
        call.body()
            .only(
                "provider",
                "model",
                "prompt_tokens",
                "cached_tokens",
                "completion_tokens",
                "reasoning_tokens",
                "dollars");
    long id = call.pathNumber("id");
    var spent =
        new Spending(
            body.text("provider").orElse(""),
            body.text("model").orElse(""),
            body.number("prompt_tokens").orElse(0L),
            body.number("cached_tokens").orElse(0L),
            body.number("completion_tokens").orElse(0L),
            body.number("reasoning_tokens").orElse(0L),
            body.dollars("dollars").orElse(0));
    if (!access.ledger().resolve(id, spent)) {
      throw notFound("there is no unresolved request %d".formatted(id));
    }
    call.json(200, Json.object().put("id", Long.toString(id)).put("outcome", "settled"));
  }
}
