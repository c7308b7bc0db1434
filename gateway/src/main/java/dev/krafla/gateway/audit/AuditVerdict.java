package dev.krafla.gateway.audit;

/** What looking through the audit log has shown. */
public sealed interface AuditVerdict {
  /**
   * Every entry follows from the one before.
   *
   * @param entries how many
   * @param head hash of the last, in hex; who has kept an earlier one elsewhere can find it in the
   *     log, and so knows that nothing before it was rewritten
   */
  record Intact(long entries, String head) implements AuditVerdict {}

  /**
   * Somebody has changed rows behind the log's back.
   *
   * @param seq the first entry that is not as it was written
   */
  record Broken(long seq, String reason) implements AuditVerdict {}
}
