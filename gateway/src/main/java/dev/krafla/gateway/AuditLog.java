package dev.krafla.gateway;

import org.jdbi.v3.core.Handle;

/** Keeps who changed what, for ever: entries are added, never changed. Thread-safe. */
public interface AuditLog {
  /** Keeps nothing. */
  AuditLog NONE = (_, _) -> {};

  /**
   * One change.
   *
   * @param actor who did it, as {@code key admin (3)}
   * @param action what was done, as {@code key.revoke}
   * @param subject to whom or what, as {@code key 7}
   * @param detail what it is now, as JSON; never a secret
   */
  record Change(String actor, String action, String subject, String detail) {}

  /** Adds an entry in the transaction that changes it: both are kept, or neither. */
  void add(Handle transaction, Change change);
}
