package dev.krafla.gateway.audit;

/**
 * A change that somebody made.
 *
 * @param actor who, as {@code user:ada@example.org} or {@code key:ci}
 * @param action what, as {@code key.create}
 * @param subject to what, as {@code key:17}
 * @param details more of it, as JSON; never a secret
 */
public record AuditEvent(String actor, String action, String subject, String details) {}
