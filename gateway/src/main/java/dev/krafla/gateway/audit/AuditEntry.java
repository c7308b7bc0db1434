package dev.krafla.gateway.audit;

import dev.krafla.gateway.AuditLog.Change;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A change's place in the chain.
 *
 * @param seq from 1, without gaps
 * @param at to the microsecond
 * @param previous the hash of the entry before; of the first, 32 zeros
 * @param hash SHA-256 over all of the other fields
 */
record AuditEntry(long seq, Instant at, Change change, byte[] previous, byte[] hash) {
  static final int HASH_BYTES = 32;

  /** The entry after one with hash {@code previous}. */
  static AuditEntry next(long seq, Instant now, Change change, byte[] previous) {
    Instant at = now.truncatedTo(ChronoUnit.MICROS);
    return new AuditEntry(seq, at, change, previous, hash(seq, at, change, previous));
  }

  /**
   * What its hash must be. Each text goes in with its length, so that none can lend to the next.
   */
  byte[] expectedHash() {
    return hash(seq, at, change, previous);
  }

  private static byte[] hash(long seq, Instant at, Change change, byte[] previous) {
    MessageDigest digest = sha256();
    digest.update(previous);
    digest.update(
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(seq)
            .putLong(at.getEpochSecond())
            .putLong(at.getNano())
            .array());
    for (String text :
        List.of(change.actor(), change.action(), change.subject(), change.detail())) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      digest.update(bytes);
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
