package dev.krafla.gateway.admin;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.money.Nanodollars;
import dev.krafla.gateway.money.Price;
import dev.krafla.gateway.money.PriceTable;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Target;
import dev.krafla.wire.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The dated prices in the database, and in memory the table of them that requests are priced by;
 * what they do not name costs what {@code otherwise} says. Thread-safe.
 */
public final class PriceBook implements Pricing {
  static final String LIST = "SELECT * FROM prices ORDER BY provider, model, valid_from";

  static final String PUT =
      """
      INSERT INTO prices (provider, model, valid_from, input, cached_input, output, per_image)
      VALUES (:provider, :model, :from, :input, :cached, :output, :image)
      ON CONFLICT (provider, model, valid_from) DO UPDATE SET input = excluded.input,
        cached_input = excluded.cached_input, output = excluded.output,
        per_image = excluded.per_image
      """;

  /** Each request is rounded up by itself, as it was when it was charged. */
  static final String REPLAY =
      """
      SELECT u.provider, u.provider_model, count(*) AS requests, sum(u.nanodollars) AS charged,
        count(*) FILTER (WHERE p.input IS NULL) AS unpriced,
        coalesce(sum(((u.prompt_tokens - u.cached_tokens) * p.input
          + u.cached_tokens * p.cached_input + u.completion_tokens * p.output + 999999) / 1000000),
          0) AS replayed
      FROM usage u LEFT JOIN LATERAL (
        SELECT * FROM prices WHERE prices.provider = u.provider
          AND prices.model IN (u.provider_model, '*')
          AND prices.valid_from <= coalesce(CAST(:pricesAt AS timestamptz), u.at)
        ORDER BY prices.model = '*', prices.valid_from DESC LIMIT 1) p ON true
      WHERE u.organisation_id = :organisation AND u.at >= :from AND u.at < :to
      GROUP BY 1, 2 ORDER BY 1, 2
      """;

  private final Jdbi database;
  private final AuditLog audit;
  private final InstantSource clock;
  private final Pricing otherwise;
  private volatile PriceTable table;

  /** Reads the prices. */
  public PriceBook(Jdbi database, AuditLog audit, InstantSource clock, Pricing otherwise) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
    this.otherwise = otherwise;
    this.table = database.withHandle(PriceBook::read);
  }

  private static PriceTable read(Handle handle) {
    return new PriceTable(
        handle
            .createQuery(LIST)
            .map((r, _) ->
                new PriceTable.Entry(
                    r.getString("provider"),
                    r.getString("model"),
                    r.getTimestamp("valid_from").toInstant(),
                    new Price(
                        r.getLong("input"),
                        r.getLong("cached_input"),
                        r.getLong("output"),
                        r.getLong("per_image"))))
            .list());
  }

  private Optional<Price> now(Target target) {
    return table.at(target.provider().name(), target.model(), clock.instant());
  }

  @Override
  public long most(Target target, long promptTokens, long completionTokens) {
    Optional<Price> price = now(target);
    return price.isPresent()
        ? price.get().most(promptTokens, completionTokens)
        : otherwise.most(target, promptTokens, completionTokens);
  }

  @Override
  public long of(Target target, long promptTokens, long cachedTokens, long completionTokens) {
    Optional<Price> price = now(target);
    return price.isPresent()
        ? price.get().of(promptTokens, cachedTokens, completionTokens)
        : otherwise.of(target, promptTokens, cachedTokens, completionTokens);
  }

  List<PriceTable.Entry> entries() {
    return table.entries();
  }

  /** Adds prices, or corrects those of the same day. What was charged stays. */
  synchronized void put(String actor, List<PriceTable.Entry> entries) {
    table =
        database.inTransaction(handle -> {
          for (PriceTable.Entry e : entries) {
            handle
                .createUpdate(PUT)
                .bind("provider", e.provider())
                .bind("model", e.model())
                .bind("from", e.from().atOffset(ZoneOffset.UTC))
                .bind("input", e.price().input())
                .bind("cached", e.price().cachedInput())
                .bind("output", e.price().output())
                .bind("image", e.price().perImage())
                .execute();
            audit.add(
                handle,
                new AuditLog.Change(
                    actor,
                    "price.set",
                    e.provider() + "/" + e.model(),
                    e.from() + " " + e.price()));
          }
          return read(handle);
        });
  }

  /**
   * What requests of the past would have cost by the table as it is now.
   *
   * @param pricesAt by the prices of this moment, instead of each request's own
   */
  ObjectNode replay(long organisation, Instant from, Instant to, Optional<Instant> pricesAt) {
    ObjectNode answer = Json.object();
    ArrayNode data = answer.putArray("data");
    database.useHandle(handle ->
        handle
            .createQuery(REPLAY)
            .bind("organisation", organisation)
            .bind("from", from.atOffset(ZoneOffset.UTC))
            .bind("to", to.atOffset(ZoneOffset.UTC))
            .bind("pricesAt", pricesAt.map(p -> p.atOffset(ZoneOffset.UTC)).orElse(null))
            .map((r, _) ->
                data.addObject()
                    .put("provider", r.getString("provider"))
                    .put("model", r.getString("provider_model"))
                    .put("requests", r.getLong("requests"))
                    .put("charged_dollars", Nanodollars.dollars(r.getLong("charged")))
                    .put("replayed_dollars", Nanodollars.dollars(r.getLong("replayed")))
                    .put("unpriced_requests", r.getLong("unpriced")))
            .list());
    return answer;
  }

  static ObjectNode json(PriceTable.Entry e) {
    return Json.object()
        .put("provider", e.provider())
        .put("model", e.model())
        .put("from", e.from().toString())
        .put("input", Nanodollars.dollars(e.price().input()))
        .put("cached_input", Nanodollars.dollars(e.price().cachedInput()))
        .put("output", Nanodollars.dollars(e.price().output()))
        .put("per_image", Nanodollars.dollars(e.price().perImage()));
  }
}
