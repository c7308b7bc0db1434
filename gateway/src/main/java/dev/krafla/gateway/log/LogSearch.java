package dev.krafla.gateway.log;

import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/** Finds requests in the log, newest first. */
public final class LogSearch {
  private static final String FIND =
      """
      SELECT id, request_id, begun, endpoint, key_id, key_name, organisation_id, model, streamed,
        status, error_code, provider, provider_model, prompt_tokens, completion_tokens, nanodollars,
        first_token_micros, total_micros, request, answer, cut
      FROM request_log
      WHERE begun >= :from AND begun < :until
        AND (:organisationId::bigint IS NULL OR organisation_id = :organisationId::bigint)
        AND (:keyId::bigint IS NULL OR key_id = :keyId::bigint)
        AND (:model::text IS NULL OR model = :model::text)
        AND (NOT :errorsOnly::boolean OR status >= 400)
        AND (:text::text IS NULL OR words @@ websearch_to_tsquery('simple', :text::text))
      ORDER BY begun DESC
      LIMIT :limit
      """;

  private final Jdbi jdbi;

  LogSearch(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** A page of what {@code query} asks for. */
  public List<LogRow> find(LogQuery query) {
    return jdbi.withHandle(handle ->
        handle
            .registerRowMapper(ConstructorMapper.factory(LogRow.class))
            .createQuery(FIND)
            .bind("from", query.from())
            .bind("until", query.until())
            .bind("organisationId", query.organisationId().orElse(null))
            .bind("keyId", query.keyId().orElse(null))
            .bind("model", query.model().orElse(null))
            .bind("errorsOnly", query.errorsOnly())
            .bind("text", query.text().orElse(null))
            .bind("limit", query.limit())
            .mapTo(LogRow.class)
            .list());
  }
}
