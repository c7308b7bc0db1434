package dev.krafla.gateway.audit;

import dev.krafla.gateway.AuditLog;
import dev.krafla.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Every change of who may do what, by whom, for good: rows can only be added, and each carries a
 * hash over itself and the one before. The database refuses updates and deletions; who gets around
 * that is found by {@link #verify}.
 *
 * <p>Thread-safe; several processes may append.
 */
public final class ChainedAuditLog implements AuditLog {
  private static final String ONE_AT_A_TIME =
      "SELECT pg_advisory_xact_lock(hashtextextended('krafla audit log', 0))";
  private static final String HEAD =
      "SELECT seq, at, actor, action, subject, details, previous, hash"
          + " FROM audit_log ORDER BY seq DESC LIMIT 1";
  private static final String INSERT =
      """
      INSERT INTO audit_log (seq, at, actor, action, subject, details, previous, hash)
      VALUES (:seq, :at, :actor, :action, :subject, :details, :previous, :hash)
      """;
  private static final String ALL =
      "SELECT seq, at, actor, action, subject, details, previous, hash"
          + " FROM audit_log ORDER BY seq";
  private static final String NEWEST =
      """
      SELECT seq, at, actor, action, subject, details, previous, hash
      FROM audit_log
      WHERE seq < :before AND (:subject::text IS NULL OR subject = :subject::text)
      ORDER BY seq DESC LIMIT :limit
      """;
  private static final int FETCH_ROWS = 1_000;

  private final Database database;
  private final InstantSource clock;

  public ChainedAuditLog(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /** What was written, for people. */
  public record Written(long seq, Instant at, Change change) {}

  /**
   * Appends within {@code handle}'s transaction, so that a change and its entry come together or
   * not at all. Others who append wait until that ends.
   */
  @Override
  public void add(Handle handle, Change change) {
    if (!handle.isInTransaction()) {
      throw new IllegalStateException("an audit entry belongs to its change's transaction");
    }
    handle.execute(ONE_AT_A_TIME);
    Optional<AuditEntry> head = handle.createQuery(HEAD).map((row, _) -> entry(row)).findOne();
    AuditEntry next =
        AuditEntry.next(
            head.map(AuditEntry::seq).orElse(0L) + 1,
            clock.instant(),
            change,
            head.map(AuditEntry::hash).orElse(new byte[AuditEntry.HASH_BYTES]));
    handle
        .createUpdate(INSERT)
        .bind("seq", next.seq())
        .bind("at", next.at())
        .bind("actor", change.actor())
        .bind("action", change.action())
        .bind("subject", change.subject())
        .bind("details", change.detail())
        .bind("previous", next.previous())
        .bind("hash", next.hash())
        .execute();
  }

  /** Appends in a transaction of its own. */
  public void add(Change change) {
    database.jdbi().useTransaction(handle -> add(handle, change));
  }

  /**
   * The newest entries.
   *
   * @param before only those with a smaller number, for the next page; {@link Long#MAX_VALUE} first
   * @param subject only those about it
   */
  public List<Written> newest(long before, Optional<String> subject, int limit) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(NEWEST)
                .bind("before", before)
                .bind("subject", subject.orElse(null))
                .bind("limit", limit)
                .map((row, _) -> entry(row))
                .map(e -> new Written(e.seq(), e.at(), e.change()))
                .list());
  }

  /** Looks through the whole log, in one snapshot and with little memory. */
  public AuditVerdict verify() {
    return database
        .jdbi()
        .inTransaction(handle -> {
          try (Stream<AuditEntry> all =
              handle
                  .createQuery(ALL)
                  .setFetchSize(FETCH_ROWS)
                  .map((row, _) -> entry(row))
                  .stream()) {
            return verdict(all.iterator());
          }
        });
  }

  private static AuditVerdict verdict(Iterator<AuditEntry> entries) {
    long seq = 0;
    var head = new byte[AuditEntry.HASH_BYTES];
    while (entries.hasNext()) {
      AuditEntry entry = entries.next();
      seq++;
      if (entry.seq() != seq) {
        return new AuditVerdict.Broken(seq, "it is missing; the next one is " + entry.seq());
      }
      if (!Arrays.equals(entry.previous(), head)) {
        return new AuditVerdict.Broken(seq, "it does not follow from the entry before");
      }
      if (!Arrays.equals(entry.hash(), entry.expectedHash())) {
        return new AuditVerdict.Broken(seq, "it was changed after it was written");
      }
      head = entry.hash();
    }
    return new AuditVerdict.Intact(seq, HexFormat.of().formatHex(head));
  }

  private static AuditEntry entry(ResultSet row) throws SQLException {
    return new AuditEntry(
        row.getLong("seq"),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        new Change(
            row.getString("actor"),
            row.getString("action"),
            row.getString("subject"),
            row.getString("details")),
        row.getBytes("previous"),
        row.getBytes("hash"));
  }
}
