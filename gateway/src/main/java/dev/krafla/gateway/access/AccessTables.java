package dev.krafla.gateway.access;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.money.AccountId;
import dev.krafla.gateway.money.Level;
import dev.krafla.gateway.money.Period;
import dev.krafla.gateway.money.Terms;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** Organisations, members, keys, budgets and limits in the database. */
final class AccessTables {
  static final String ORGANISATIONS = "SELECT * FROM organisations ORDER BY id";

  static final String ADD_ORGANISATION =
      "INSERT INTO organisations (name, zone, salt) VALUES (:name, :zone, :salt) RETURNING *";

  static final String MEMBERS =
      "SELECT id, organisation_id, name, %s AS role, created_at FROM %s ORDER BY id";

  static final String ADD_MEMBER =
      """
      INSERT INTO %s (organisation_id, name) VALUES (:organisation, :name)
      RETURNING id, organisation_id, name, NULL AS role, created_at
      """;

  static final String ADD_PERSON =
      """
      INSERT INTO people (organisation_id, name, role) VALUES (:organisation, :name, :role)
      RETURNING id, organisation_id, name, role, created_at
      """;

  static final String KEYS =
      "SELECT k.*, o.salt FROM keys k JOIN organisations o ON o.id = k.organisation_id ORDER BY k.id";

  static final String ADD_KEY =
      """
      WITH k AS (
        INSERT INTO keys (organisation_id, team_id, user_id, app_id, name, role, hint, hash, models,
          networks, expires_at, rotated_from)
        VALUES (:organisation, :team, :user, :app, :name, :role, :hint, :hash, :models, :networks,
          :expires, :from)
        RETURNING *)
      SELECT k.*, o.salt FROM k JOIN organisations o ON o.id = k.organisation_id
      """;

  static final String END_KEY =
      "UPDATE keys SET expires_at = :expires, revoked_at = :revoked WHERE id = :id";

  static final String LIMITS = "SELECT * FROM limits";

  static final String BUDGETS = "SELECT * FROM budgets ORDER BY level, account_id, period";

  static final String PUT_LIMITS =
      """
      INSERT INTO limits (level, account_id, organisation_id, requests_per_minute,
        tokens_per_minute, concurrency)
      VALUES (:level, :account, :organisation, :requests, :tokens, :concurrency)
      ON CONFLICT (level, account_id) DO UPDATE SET
        requests_per_minute = excluded.requests_per_minute,
        tokens_per_minute = excluded.tokens_per_minute, concurrency = excluded.concurrency
      """;

  static final String DROP_BUDGETS =
      "DELETE FROM budgets WHERE level = :level AND account_id = :account";

  static final String ADD_BUDGET =
      """
      INSERT INTO budgets (level, account_id, organisation_id, period, nanodollars, tokens)
      VALUES (:level, :account, :organisation, :period, :nanodollars, :tokens)
      """;

  /** All of it, for the test that has the database prepare each. */
  static final List<String> STATEMENTS =
      List.of(
          ORGANISATIONS,
          ADD_ORGANISATION,
          MEMBERS.formatted("NULL", "teams"),
          MEMBERS.formatted("role", "people"),
          ADD_MEMBER.formatted("apps"),
          ADD_PERSON,
          KEYS,
          ADD_KEY,
          END_KEY,
          LIMITS,
          BUDGETS,
          PUT_LIMITS,
          DROP_BUDGETS,
          ADD_BUDGET);

  private final Handle handle;

  /** For one transaction. */
  AccessTables(Handle handle) {
    this.handle = handle;
  }

  List<Organisation> organisations() {
    return handle.createQuery(ORGANISATIONS).map((r, _) -> organisation(r)).list();
  }

  Organisation addOrganisation(String name, ZoneId zone, String salt) {
    return handle
        .createQuery(ADD_ORGANISATION)
        .bind("name", name)
        .bind("zone", zone.getId())
        .bind("salt", salt)
        .map((r, _) -> organisation(r))
        .one();
  }

  private static Organisation organisation(ResultSet r) throws SQLException {
    return new Organisation(
        r.getLong("id"),
        r.getString("name"),
        ZoneId.of(r.getString("zone")),
        r.getString("salt"),
        r.getTimestamp("created_at").toInstant());
  }

  private static String table(Level level) {
    return switch (level) {
      case TEAM -> "teams";
      case USER -> "people";
      case APP -> "apps";
      case ORGANISATION, KEY -> throw new IllegalArgumentException(level + " is no member");
    };
  }

  List<Member> members(Level level) {
    String sql = MEMBERS.formatted(level == Level.USER ? "role" : "NULL", table(level));
    return handle.createQuery(sql).map((r, _) -> member(level, r)).list();
  }

  Member addMember(Level level, long organisation, String name, Role role) {
    var query =
        handle.createQuery(level == Level.USER ? ADD_PERSON : ADD_MEMBER.formatted(table(level)));
    if (level == Level.USER) {
      query.bind("role", role.lowerCase());
    }
    return query
        .bind("organisation", organisation)
        .bind("name", name)
        .map((r, _) -> member(level, r))
        .one();
  }

  private static Member member(Level level, ResultSet r) throws SQLException {
    return new Member(
        level,
        r.getLong("id"),
        r.getLong("organisation_id"),
        r.getString("name"),
        role(r),
        r.getTimestamp("created_at").toInstant());
  }

  private static Optional<Role> role(ResultSet r) throws SQLException {
    return Optional.ofNullable(r.getString("role"))
        .map(role -> Role.valueOf(role.toUpperCase(Locale.ROOT)));
  }

  List<ApiKey> keys() {
    return handle.createQuery(KEYS).map((r, _) -> key(r)).list();
  }

  ApiKey addKey(KeyRequest request, NewKey key, Optional<Long> rotatedFrom) {
    return handle
        .createQuery(ADD_KEY)
        .bind("organisation", request.organisationId())
        .bind("team", request.teamId().orElse(null))
        .bind("user", request.userId().orElse(null))
        .bind("app", request.appId().orElse(null))
        .bind("name", request.name())
        .bind("role", request.role().map(Role::lowerCase).orElse(null))
        .bind("hint", key.hint())
        .bind("hash", key.hash().bytes())
        .bind(
            "models",
            (at, statement, ctx) ->
                statement.setArray(at, texts(ctx.getConnection(), request.models())))
        .bind(
            "networks",
            (at, statement, ctx) ->
                statement.setArray(
                    at,
                    texts(
                        ctx.getConnection(),
                        request.networks().stream().map(Network::toString).toList())))
        .bind("expires", request.expires().map(e -> e.atOffset(ZoneOffset.UTC)).orElse(null))
        .bind("from", rotatedFrom.orElse(null))
        .map((r, _) -> key(r))
        .one();
  }

  private static Array texts(java.sql.Connection connection, List<String> texts)
      throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  void endKey(ApiKey key) {
    handle
        .createUpdate(END_KEY)
        .bind("id", key.caller().keyId())
        .bind("expires", key.expires().map(e -> e.atOffset(ZoneOffset.UTC)).orElse(null))
        .bind("revoked", key.revoked().map(e -> e.atOffset(ZoneOffset.UTC)).orElse(null))
        .execute();
  }

  private static ApiKey key(ResultSet r) throws SQLException {
    var caller =
        new Caller(
            r.getLong("id"),
            r.getString("name"),
            r.getLong("organisation_id"),
            optional(r, "team_id"),
            optional(r, "user_id"),
            optional(r, "app_id"),
            r.getString("salt"));
    return new ApiKey(
        caller,
        r.getString("hint"),
        KeyHash.ofBytes(r.getBytes("hash")),
        role(r),
        texts(r, "models"),
        texts(r, "networks").stream().map(Network::parse).toList(),
        r.getTimestamp("created_at").toInstant(),
        instant(r, "expires_at"),
        instant(r, "revoked_at"));
  }

  private static Optional<Long> optional(ResultSet r, String column) throws SQLException {
    long value = r.getLong(column);
    return r.wasNull() ? Optional.empty() : Optional.of(value);
  }

  private static OptionalLong limit(ResultSet r, String column) throws SQLException {
    long value = r.getLong(column);
    return r.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Optional<Instant> instant(ResultSet r, String column) throws SQLException {
    return Optional.ofNullable(r.getTimestamp(column)).map(Timestamp::toInstant);
  }

  private static List<String> texts(ResultSet r, String column) throws SQLException {
    return List.of((String[]) r.getArray(column).getArray());
  }

  /** What all accounts may take that have any limit. */
  Map<AccountId, Terms> terms() {
    Map<AccountId, List<Terms.Budget>> budgets = new HashMap<>();
    handle
        .createQuery(BUDGETS)
        .map((r, _) ->
            budgets
                .computeIfAbsent(account(r), _ -> new ArrayList<>())
                .add(
                    new Terms.Budget(
                        Period.valueOf(r.getString("period").toUpperCase(Locale.ROOT)),
                        limit(r, "nanodollars"),
                        limit(r, "tokens"))))
        .list();
    Map<AccountId, Terms> terms = new HashMap<>();
    budgets.forEach((account, b) -> terms.put(account, Terms.UNLIMITED.withBudgets(b)));
    handle
        .createQuery(LIMITS)
        .map((r, _) ->
            terms.put(
                account(r),
                new Terms(
                    budgets.getOrDefault(account(r), List.of()),
                    limit(r, "requests_per_minute"),
                    limit(r, "tokens_per_minute"),
                    limit(r, "concurrency"))))
        .list();
    return terms;
  }

  private static AccountId account(ResultSet r) throws SQLException {
    return new AccountId(
        Level.valueOf(r.getString("level").toUpperCase(Locale.ROOT)), r.getLong("account_id"));
  }

  void putTerms(long organisation, AccountId account, Terms terms) {
    handle
        .createUpdate(PUT_LIMITS)
        .bind("level", account.level().lowerCase())
        .bind("account", account.id())
        .bind("organisation", organisation)
        .bind("requests", boxed(terms.requestsPerMinute()))
        .bind("tokens", boxed(terms.tokensPerMinute()))
        .bind("concurrency", boxed(terms.concurrency()))
        .execute();
    handle
        .createUpdate(DROP_BUDGETS)
        .bind("level", account.level().lowerCase())
        .bind("account", account.id())
        .execute();
    for (Terms.Budget budget : terms.budgets()) {
      handle
          .createUpdate(ADD_BUDGET)
          .bind("level", account.level().lowerCase())
          .bind("account", account.id())
          .bind("organisation", organisation)
          .bind("period", budget.period().name().toLowerCase(Locale.ROOT))
          .bind("nanodollars", boxed(budget.nanodollars()))
          .bind("tokens", boxed(budget.tokens()))
          .execute();
    }
  }

  @SuppressWarnings("NullAway") // JDBI binds null as NULL
  private static Long boxed(OptionalLong limit) {
    return limit.isPresent() ? limit.getAsLong() : null;
  }
}
