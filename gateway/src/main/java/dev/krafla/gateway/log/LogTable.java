package dev.krafla.gateway.log;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.RequestRecord;
import dev.krafla.gateway.Spending;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Writes and deletes rows of {@code request_log}. */
record LogTable(Jdbi jdbi, int mostBodyBytes) {
  private static final String INSERT =
      """
      INSERT INTO request_log (id, request_id, begun, endpoint, key_id, key_name, organisation_id,
        team_id, user_id, app_id, model, streamed, status, error_code, provider, provider_model,
        prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, nanodollars,
        first_token_micros, total_micros, client_address, request, answer, cut)
      VALUES (:id, :requestId, :begun, :endpoint, :keyId, :keyName, :organisationId,
        :teamId, :userId, :appId, :model, :streamed, :status, :errorCode, :provider, :providerModel,
        :promptTokens, :cachedTokens, :completionTokens, :reasoningTokens, :nanodollars,
        :firstTokenMicros, :totalMicros, :clientAddress, :request, :answer, :cut)
      ON CONFLICT (id) DO NOTHING
      """;

  private static final String DELETE =
      """
      DELETE FROM request_log WHERE id IN (
        SELECT id FROM request_log WHERE begun < :before ORDER BY begun LIMIT 5000)
      """;

  /** Writes a batch, all or nothing; rows that are there already stay as they are. */
  void insert(List<RequestRecord> requests) {
    jdbi.useTransaction(handle -> {
      PreparedBatch batch = handle.prepareBatch(INSERT);
      for (RequestRecord request : requests) {
        bind(batch, request);
        batch.add();
      }
      batch.execute();
    });
  }

  /** Whether the rows themselves are at fault (SQLSTATE classes 22, 23, 54), not the database. */
  static boolean refusesTheRows(JdbiException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return Set.of("22", "23", "54").contains(sql.getSQLState().substring(0, 2));
      }
    }
    return false;
  }

  /** What the database or the network says: JDBI's own message would quote the rows. */
  static String reason(JdbiException failure) {
    Throwable inner = failure;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return String.valueOf(inner.getMessage());
  }

  private void bind(PreparedBatch batch, RequestRecord request) {
    Caller caller = request.caller().orElse(null);
    Spending spent = request.spent().orElse(null);
    String asked = kept(request.request());
    String answered = kept(request.answer());
    batch
        .bind("id", request.id())
        .bind("requestId", clean(request.requestId()))
        .bind("begun", request.begun())
        .bind("endpoint", request.endpoint())
        .bind("keyId", caller == null ? null : (Long) caller.keyId())
        .bind("keyName", caller == null ? null : caller.keyName())
        .bind("organisationId", caller == null ? null : (Long) caller.organisationId())
        .bind("teamId", request.caller().flatMap(Caller::teamId).orElse(null))
        .bind("userId", request.caller().flatMap(Caller::userId).orElse(null))
        .bind("appId", request.caller().flatMap(Caller::appId).orElse(null))
        .bind("model", clean(request.model()))
        .bind("streamed", request.streamed())
        .bind("status", request.status())
        .bind("errorCode", request.errorCode().orElse(null))
        .bind("provider", spent == null ? null : spent.provider())
        .bind("providerModel", spent == null ? null : spent.providerModel())
        .bind("promptTokens", spent == null ? null : (Long) spent.promptTokens())
        .bind("cachedTokens", spent == null ? null : (Long) spent.cachedTokens())
        .bind("completionTokens", spent == null ? null : (Long) spent.completionTokens())
        .bind("reasoningTokens", spent == null ? null : (Long) spent.reasoningTokens())
        .bind("nanodollars", spent == null ? null : (Long) spent.nanodollars())
        .bind("firstTokenMicros", request.firstToken().map(LogTable::micros).orElse(null))
        .bind("totalMicros", micros(request.total()))
        .bind("clientAddress", request.clientAddress())
        .bind("request", asked)
        .bind("answer", answered)
        .bind("cut", cut(request.request()) || cut(request.answer()));
  }

  private static Long micros(Duration time) {
    return time.toNanos() / 1_000;
  }

  private boolean cut(String body) {
    return body.length() > mostBodyBytes;
  }

  /** Secrets go before the cut: one that is cut in two would not be known. */
  private String kept(String body) {
    String safe = Redaction.of(body);
    return clean(safe.length() <= mostBodyBytes ? safe : safe.substring(0, mostBodyBytes));
  }

  /** PostgreSQL's text has no NUL, and a lone surrogate has no UTF-8. */
  private static String clean(String text) {
    boolean fine = text.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
    if (fine) {
      return text;
    }
    var whole = new StringBuilder(text.length());
    text.codePoints()
        .map(c ->
            c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? '\uFFFD' : c)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }

  /** Deletes what began before {@code before}, in pieces that hold no lock for long. */
  long deleteBefore(Instant before) {
    long all = 0;
    while (true) {
      int deleted =
          jdbi.withHandle(handle -> handle.createUpdate(DELETE).bind("before", before).execute());
      all += deleted;
      if (deleted == 0) {
        return all;
      }
    }
  }
}
