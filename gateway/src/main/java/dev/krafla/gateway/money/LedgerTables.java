package dev.krafla.gateway.money;

import dev.krafla.gateway.Spending;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The ledger in the database: a row per request, and its sums by account and period. Both are
 * written in one transaction, and a request that is there already is passed over; so writing again
 * what may have been written is always right.
 */
final class LedgerTables {
  static final String INSERT_USAGE =
      """
      INSERT INTO usage (id, at, settled_at, organisation_id, team_id, user_id, app_id, key_id,
        model, provider, provider_model, prompt_tokens, cached_tokens, completion_tokens,
        reasoning_tokens, nanodollars, outcome)
      SELECT id, to_timestamp(at / 1000.0), to_timestamp(settled_at / 1000.0), organisation_id,
        nullif(team_id, 0), nullif(user_id, 0), nullif(app_id, 0), key_id, model, provider,
        provider_model, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens,
        nanodollars, outcome
      FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
        ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[],
        ?::bigint[], ?::bigint[], ?::bigint[], ?::text[])
        AS row (id, at, settled_at, organisation_id, team_id, user_id, app_id, key_id, model,
          provider, provider_model, prompt_tokens, cached_tokens, completion_tokens,
          reasoning_tokens, nanodollars, outcome)
      ON CONFLICT (id) DO NOTHING
      RETURNING id
      """;

  static final String ADD_SPENDING =
      """
      INSERT INTO spending AS s (organisation_id, level, account_id, period, starts_at, nanodollars, tokens, requests)
      SELECT organisation_id, level, account_id, period, to_timestamp(starts_at / 1000.0),
        nanodollars, tokens, requests
      FROM unnest(?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[],
        ?::bigint[]) AS row (organisation_id, level, account_id, period, starts_at, nanodollars, tokens,
          requests)
      ON CONFLICT (level, account_id, period, starts_at) DO UPDATE SET
        nanodollars = s.nanodollars + excluded.nanodollars,
        tokens = s.tokens + excluded.tokens,
        requests = s.requests + excluded.requests
      """;

  static final String CURRENT_SPENDING =
      """
      SELECT organisation_id, level, account_id, nanodollars, tokens FROM spending
      WHERE period = :period AND starts_at = :starts
      """;

  static final String CLAIM =
      "INSERT INTO ledger_owner (journal) VALUES (:journal) ON CONFLICT (one) DO NOTHING";

  static final String OWNER = "SELECT journal FROM ledger_owner FOR SHARE";

  static final String TAKE_OVER = "UPDATE ledger_owner SET journal = :journal, since = now()";

  static final String LAST_ID = "SELECT coalesce(max(id), 0) FROM usage";

  static final String ORGANISATIONS = "SELECT id, zone FROM organisations";

  static final String UNRESOLVED =
      "SELECT * FROM usage WHERE id = :id AND outcome = 'unresolved' FOR UPDATE";

  static final String RESOLVE =
      """
      UPDATE usage SET provider = :provider, provider_model = :model, prompt_tokens = :prompt,
        cached_tokens = :cached, completion_tokens = :completion, reasoning_tokens = :reasoning,
        nanodollars = :nanodollars, outcome = 'settled', settled_at = now()
      WHERE id = :id
      """;

  /** All of it, for the test that has the database prepare each. */
  static final List<String> STATEMENTS =
      List.of(
          INSERT_USAGE,
          ADD_SPENDING,
          CURRENT_SPENDING,
          CLAIM,
          OWNER,
          TAKE_OVER,
          LAST_ID,
          ORGANISATIONS,
          UNRESOLVED,
          RESOLVE);

  private final Jdbi database;
  private final UUID journal;

  /** Sums of one account in one period. */
  private record Cell(long organisationId, AccountId account, Period period, Instant starts) {}

  private record Sum(long nanodollars, long tokens, long requests) {
    Sum plus(Sum other) {
      return new Sum(
          Math.addExact(nanodollars, other.nanodollars),
          Math.addExact(tokens, other.tokens),
          requests + other.requests);
    }
  }

  /** What an account had spent in a period, as a start finds it. */
  record Spent(long organisationId, AccountId account, long nanodollars, long tokens) {}

  /** An unresolved request that was resolved, and what that changes. */
  record Resolved(Payers payers, Instant at, long nanodollars, long tokens) {}

  LedgerTables(Jdbi database, UUID journal) {
    this.database = database;
    this.journal = journal;
  }

  /**
   * Claims the database for this journal.
   *
   * @param takeOver even from another, whose unsettled requests are then lost
   * @throws IllegalStateException when it belongs to another
   */
  void claim(boolean takeOver) {
    database.useTransaction(handle -> {
      handle.createUpdate(takeOver ? TAKE_OVER : CLAIM).bind("journal", journal).execute();
      handle.createUpdate(CLAIM).bind("journal", journal).execute();
      requireOwner(handle);
    });
  }

  private void requireOwner(Handle handle) {
    UUID owner = handle.createQuery(OWNER).mapTo(UUID.class).one();
    if (!owner.equals(journal)) {
      throw new IllegalStateException(
          ("this database keeps the money of another gateway (journal %s; ours is %s): one gateway per"
                  + " database. Start it where its journal is, or, if that is lost, with --take-over-ledger")
              .formatted(owner, journal));
    }
  }

  /** The zones of all organisations. */
  Map<Long, ZoneId> organisations() {
    return database.withHandle(handle ->
        handle
            .createQuery(ORGANISATIONS)
            .map((row, _) -> Map.entry(row.getLong("id"), ZoneId.of(row.getString("zone"))))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /** The greatest id of a request; 0 when there is none. */
  long lastId() {
    return database.withHandle(h -> h.createQuery(LAST_ID).mapTo(Long.class).one());
  }

  /** What was spent in the period that began then. */
  List<Spent> spent(Period period, Instant starts) {
    return database.withHandle(handle ->
        handle
            .createQuery(CURRENT_SPENDING)
            .bind("period", lowerCase(period))
            .bind("starts", starts.atOffset(ZoneOffset.UTC))
            .map((row, _) ->
                new Spent(
                    row.getLong("organisation_id"),
                    new AccountId(
                        Level.valueOf(row.getString("level").toUpperCase(Locale.ROOT)),
                        row.getLong("account_id")),
                    row.getLong("nanodollars"),
                    row.getLong("tokens")))
            .list());
  }

  /**
   * Writes what ended.
   *
   * @param zone of an organisation
   * @return how many were not there yet
   * @throws IllegalStateException when another gateway has taken the database over
   */
  int write(List<Usage> ended, Function<Long, ZoneId> zone) {
    return database.inTransaction(handle -> {
      requireOwner(handle);
      Set<Long> added = insert(handle, ended);
      List<Usage> news = ended.stream().filter(u -> added.remove(u.id())).toList();
      Map<Cell, Sum> sums = cells();
      for (Usage u : news) {
        add(
            sums,
            u.payers(),
            u.at(),
            zone.apply(u.payers().organisationId()),
            new Sum(u.spent().nanodollars(), u.tokens(), 1));
      }
      addSpending(handle, sums);
      return news.size();
    });
  }

  private static Map<Cell, Sum> cells() {
    return new TreeMap<>(
        Comparator.comparing((Cell c) -> c.account().level())
            .thenComparingLong(c -> c.account().id())
            .thenComparing(Cell::period)
            .thenComparing(Cell::starts)); // one order of locks for all transactions
  }

  private static void add(Map<Cell, Sum> sums, Payers payers, Instant at, ZoneId zone, Sum what) {
    for (Period period : Period.values()) {
      Instant starts = period.start(at, zone);
      for (AccountId account : payers.accounts()) {
        sums.merge(new Cell(payers.organisationId(), account, period, starts), what, Sum::plus);
      }
    }
  }

  private static Set<Long> insert(Handle handle, List<Usage> rows) {
    var query = handle.createQuery(INSERT_USAGE);
    List<Object[]> columns =
        List.of(
            longs(rows, Usage::id),
            longs(rows, u -> u.at().toEpochMilli()),
            longs(rows, u -> u.settledAt().toEpochMilli()),
            longs(rows, u -> u.payers().organisationId()),
            longs(rows, u -> u.payers().teamId().orElse(0L)),
            longs(rows, u -> u.payers().userId().orElse(0L)),
            longs(rows, u -> u.payers().appId().orElse(0L)),
            longs(rows, u -> u.payers().keyId()),
            texts(rows, Usage::model),
            texts(rows, u -> u.spent().provider()),
            texts(rows, u -> u.spent().providerModel()),
            longs(rows, u -> u.spent().promptTokens()),
            longs(rows, u -> u.spent().cachedTokens()),
            longs(rows, u -> u.spent().completionTokens()),
            longs(rows, u -> u.spent().reasoningTokens()),
            longs(rows, u -> u.spent().nanodollars()),
            texts(rows, u -> u.outcome().lowerCase()));
    for (int i = 0; i < columns.size(); i++) {
      bind(query, i, columns.get(i));
    }
    return new HashSet<>(query.mapTo(Long.class).list());
  }

  private static void addSpending(Handle handle, Map<Cell, Sum> sums) {
    if (sums.isEmpty()) {
      return;
    }
    Collection<Map.Entry<Cell, Sum>> rows = sums.entrySet();
    var update = handle.createUpdate(ADD_SPENDING);
    List<Object[]> columns =
        List.of(
            longs(rows, e -> e.getKey().organisationId()),
            texts(rows, e -> e.getKey().account().level().lowerCase()),
            longs(rows, e -> e.getKey().account().id()),
            texts(rows, e -> lowerCase(e.getKey().period())),
            longs(rows, e -> e.getKey().starts().toEpochMilli()),
            longs(rows, e -> e.getValue().nanodollars()),
            longs(rows, e -> e.getValue().tokens()),
            longs(rows, e -> e.getValue().requests()));
    for (int i = 0; i < columns.size(); i++) {
      bind(update, i, columns.get(i));
    }
    update.execute();
  }

  private static void bind(
      org.jdbi.v3.core.statement.SqlStatement<?> statement, int at, Object[] column) {
    String type = column instanceof Long[] ? "bigint" : "text";
    statement.bind(
        at, (position, prepared, ctx) -> prepared.setArray(position, array(ctx, type, column)));
  }

  private static java.sql.Array array(StatementContext ctx, String type, Object[] column)
      throws java.sql.SQLException {
    return ctx.getConnection().createArrayOf(type, column);
  }

  private static <T> Long[] longs(Collection<T> rows, Function<T, Long> value) {
    return rows.stream().map(value).toArray(Long[]::new);
  }

  /** PostgreSQL's text has no NUL. */
  private static <T> String[] texts(Collection<T> rows, Function<T, String> value) {
    return rows.stream().map(value).map(t -> t.replace('\0', ' ')).toArray(String[]::new);
  }

  private static String lowerCase(Period period) {
    return period.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Says what an unresolved request did take; empty when there is no such request.
   *
   * @param zone of an organisation
   */
  Optional<Resolved> resolve(long id, Spending spent, Function<Long, ZoneId> zone) {
    return database.inTransaction(handle -> {
      requireOwner(handle);
      Optional<Resolved> changed =
          handle
              .createQuery(UNRESOLVED)
              .bind("id", id)
              .map((row, _) -> changed(row, spent))
              .findOne();
      changed.ifPresent(c -> resolve(handle, id, spent, c, zone));
      return changed;
    });
  }

  private static Resolved changed(java.sql.ResultSet row, Spending spent)
      throws java.sql.SQLException {
    var payers =
        new Payers(
            row.getLong("organisation_id"),
            optional(row, "team_id"),
            optional(row, "user_id"),
            optional(row, "app_id"),
            row.getLong("key_id"));
    return new Resolved(
        payers,
        row.getTimestamp("at").toInstant(),
        Math.subtractExact(spent.nanodollars(), row.getLong("nanodollars")),
        Math.addExact(spent.promptTokens(), spent.completionTokens())
            - row.getLong("prompt_tokens")
            - row.getLong("completion_tokens"));
  }

  private static Optional<Long> optional(java.sql.ResultSet row, String column)
      throws java.sql.SQLException {
    long id = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(id);
  }

  private static void resolve(
      Handle handle, long id, Spending spent, Resolved changed, Function<Long, ZoneId> zone) {
    handle
        .createUpdate(RESOLVE)
        .bind("id", id)
        .bind("provider", spent.provider())
        .bind("model", spent.providerModel())
        .bind("prompt", spent.promptTokens())
        .bind("cached", spent.cachedTokens())
        .bind("completion", spent.completionTokens())
        .bind("reasoning", spent.reasoningTokens())
        .bind("nanodollars", spent.nanodollars())
        .execute();
    Map<Cell, Sum> sums = cells();
    add(
        sums,
        changed.payers(),
        changed.at(),
        zone.apply(changed.payers().organisationId()),
        new Sum(changed.nanodollars(), changed.tokens(), 0));
    addSpending(handle, sums);
  }
}
