package dev.krafla.gateway.admin;

import dev.krafla.gateway.money.Nanodollars;
import dev.krafla.wire.Json;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was used, added up by level, model or day. */
final class UsageReport {
  /** Most lines of a report. */
  private static final int MAX_LINES = 10_000;

  /** By what usage is added up; the column is ours, never a client's text. */
  static final Map<String, String> GROUPS =
      Map.of(
          "day", "to_char(at AT TIME ZONE :zone, 'YYYY-MM-DD')",
          "model", "model",
          "provider", "provider",
          "organisation", "organisation_id::text",
          "team", "coalesce(team_id::text, '')",
          "user", "coalesce(user_id::text, '')",
          "app", "coalesce(app_id::text, '')",
          "key", "key_id::text");

  static final String REPORT =
      """
      SELECT %s AS name, count(*) AS requests, sum(prompt_tokens) AS prompt,
        sum(cached_tokens) AS cached, sum(completion_tokens) AS completion,
        sum(reasoning_tokens) AS reasoning, sum(nanodollars) AS nanodollars,
        count(*) FILTER (WHERE outcome = 'unresolved') AS unresolved
      FROM usage
      WHERE organisation_id = :organisation AND at >= :from AND at < :to
        AND CAST(:zone AS text) IS NOT NULL AND (CAST(:model AS text) IS NULL OR model = :model)
      GROUP BY 1 ORDER BY 1 LIMIT :limit
      """;

  static final String UNRESOLVED =
      """
      SELECT id, at, key_id, model, prompt_tokens, completion_tokens, nanodollars FROM usage
      WHERE organisation_id = :organisation AND outcome = 'unresolved' AND id > :after
      ORDER BY id LIMIT :limit
      """;

  private final Jdbi database;

  /** A line of a report. */
  record Line(
      String name,
      long requests,
      long prompt,
      long cached,
      long completion,
      long reasoning,
      long nanodollars,
      long unresolved) {}

  UsageReport(Jdbi database) {
    this.database = database;
  }

  /**
   * Adds up.
   *
   * @param by a key of {@link #GROUPS}
   * @param zone whose days are meant
   */
  List<Line> lines(
      long organisation, String by, ZoneId zone, Instant from, Instant to, Optional<String> model) {
    String column = GROUPS.get(by);
    if (column == null) {
      throw AdminCall.invalid(
          "by is '%s'; it must be one of %s"
              .formatted(by, GROUPS.keySet().stream().sorted().toList()));
    }
    return database.withHandle(handle ->
        handle
            .createQuery(REPORT.formatted(column))
            .bind("organisation", organisation)
            .bind("zone", zone.getId())
            .bind("from", from.atOffset(ZoneOffset.UTC))
            .bind("to", to.atOffset(ZoneOffset.UTC))
            .bind("model", model.orElse(null))
            .bind("limit", MAX_LINES)
            .map((r, _) ->
                new Line(
                    r.getString("name"),
                    r.getLong("requests"),
                    r.getLong("prompt"),
                    r.getLong("cached"),
                    r.getLong("completion"),
                    r.getLong("reasoning"),
                    r.getLong("nanodollars"),
                    r.getLong("unresolved")))
            .list());
  }

  static ObjectNode json(String by, List<Line> lines) {
    ObjectNode answer = Json.object().put("by", by);
    ArrayNode data = answer.putArray("data");
    for (Line l : lines) {
      data.addObject()
          .put(by, l.name())
          .put("requests", l.requests())
          .put("prompt_tokens", l.prompt())
          .put("cached_tokens", l.cached())
          .put("completion_tokens", l.completion())
          .put("reasoning_tokens", l.reasoning())
          .put("dollars", Nanodollars.dollars(l.nanodollars()))
          .put("unresolved", l.unresolved());
    }
    return answer;
  }

  static String csv(String by, List<Line> lines) {
    var text =
        new StringBuilder(by)
            .append(
                ",requests,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,dollars,unresolved\r\n");
    for (Line l : lines) {
      text.append(quoted(l.name()))
          .append(
              ",%d,%d,%d,%d,%d,%s,%d\r\n"
                  .formatted(
                      l.requests(),
                      l.prompt(),
                      l.cached(),
                      l.completion(),
                      l.reasoning(),
                      Nanodollars.dollars(l.nanodollars()).toPlainString(),
                      l.unresolved()));
    }
    return text.toString();
  }

  /** RFC 4180; a name that a spreadsheet would compute is kept a text. */
  static String quoted(String name) {
    String safe = name.matches("^[=+@\\-\\t\\r].*") ? "'" + name : name;
    return safe.matches("[A-Za-z0-9._:/-]*") ? safe : "\"" + safe.replace("\"", "\"\"") + "\"";
  }

  /** Requests that were under way when a gateway was killed, by id. */
  ObjectNode unresolved(long organisation, long after, long limit) {
    ObjectNode answer = Json.object();
    ArrayNode data = answer.putArray("data");
    database.useHandle(handle ->
        handle
            .createQuery(UNRESOLVED)
            .bind("organisation", organisation)
            .bind("after", after)
            .bind("limit", limit)
            .map((r, _) ->
                data.addObject()
                    .put("id", Long.toString(r.getLong("id"))) // beyond 2^53
                    .put("at", r.getTimestamp("at").toInstant().toString())
                    .put("key", r.getLong("key_id"))
                    .put("model", r.getString("model"))
                    .put("most_prompt_tokens", r.getLong("prompt_tokens"))
                    .put("most_completion_tokens", r.getLong("completion_tokens"))
                    .put("most_dollars", Nanodollars.dollars(r.getLong("nanodollars"))))
            .list());
    return answer;
  }
}
