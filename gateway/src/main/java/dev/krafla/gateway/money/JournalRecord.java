package dev.krafla.gateway.money;

import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Spending;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What the journal has, and its bytes (big endian): kind (1), id (8), then for {@link Reserved} and
 * {@link Settled} time (8), the five payers (8 each, 0 for none) and what follows; texts have a
 * length (2) and UTF-8.
 */
sealed interface JournalRecord {
  /** Names longer than this are cut; no model or provider has such a one. */
  int MAX_TEXT = 256;

  /** No record is longer, in bytes. */
  int MAX_LENGTH = 1024;

  byte RESERVED = 1;
  byte SETTLED = 2;
  byte RELEASED = 3;

  long id();

  /** A request that may have been sent. */
  record Reserved(long id, Instant at, Payers payers, Estimate most) implements JournalRecord {}

  /** A request that has ended, and what it took. */
  record Settled(Usage usage) implements JournalRecord {
    @Override
    public long id() {
      return usage.id();
    }
  }

  /** A request that took nothing. */
  record Released(long id) implements JournalRecord {}

  static void write(ByteBuffer to, JournalRecord what) {
    switch (what) {
      case Reserved(var id, var at, var payers, var most) -> {
        to.put(RESERVED).putLong(id).putLong(at.toEpochMilli());
        write(to, payers);
        to.putLong(most.promptTokens())
            .putLong(most.completionTokens())
            .putLong(most.nanodollars());
        write(to, most.model());
      }
      case Settled(Usage u) -> {
        to.put(SETTLED).putLong(u.id()).putLong(u.at().toEpochMilli());
        write(to, u.payers());
        Spending s = u.spent();
        to.putLong(u.settledAt().toEpochMilli())
            .put((byte) (u.outcome() == Usage.Outcome.SETTLED ? 0 : 1))
            .putLong(s.promptTokens())
            .putLong(s.cachedTokens())
            .putLong(s.completionTokens())
            .putLong(s.reasoningTokens())
            .putLong(s.nanodollars());
        write(to, u.model());
        write(to, s.provider());
        write(to, s.providerModel());
      }
      case Released(var id) -> to.put(RELEASED).putLong(id);
    }
  }

  private static void write(ByteBuffer to, Payers p) {
    to.putLong(p.organisationId())
        .putLong(p.teamId().orElse(0L))
        .putLong(p.userId().orElse(0L))
        .putLong(p.appId().orElse(0L))
        .putLong(p.keyId());
  }

  private static void write(ByteBuffer to, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, MAX_TEXT);
    to.putShort((short) length).put(utf8, 0, length);
  }

  /**
   * The record in {@code from}.
   *
   * @throws RuntimeException when it is none, which its checksum has excluded
   */
  static JournalRecord read(ByteBuffer from) {
    byte kind = from.get();
    long id = from.getLong();
    return switch (kind) {
      case RESERVED -> {
        Instant at = Instant.ofEpochMilli(from.getLong());
        Payers payers = payers(from);
        long prompt = from.getLong();
        long completion = from.getLong();
        long nanodollars = from.getLong();
        yield new Reserved(
            id, at, payers, new Estimate(text(from), prompt, completion, nanodollars));
      }
      case SETTLED -> new Settled(usage(id, from));
      case RELEASED -> new Released(id);
      default -> throw new IllegalStateException("a record of kind %d".formatted(kind));
    };
  }

  private static Usage usage(long id, ByteBuffer from) {
    Instant at = Instant.ofEpochMilli(from.getLong());
    Payers payers = payers(from);
    Instant settledAt = Instant.ofEpochMilli(from.getLong());
    Usage.Outcome outcome = from.get() == 0 ? Usage.Outcome.SETTLED : Usage.Outcome.UNRESOLVED;
    long prompt = from.getLong();
    long cached = from.getLong();
    long completion = from.getLong();
    long reasoning = from.getLong();
    long nanodollars = from.getLong();
    String model = text(from);
    String provider = text(from);
    String providerModel = text(from);
    return new Usage(
        id,
        at,
        settledAt,
        payers,
        model,
        new Spending(provider, providerModel, prompt, cached, completion, reasoning, nanodollars),
        outcome);
  }

  private static Payers payers(ByteBuffer from) {
    return new Payers(
        from.getLong(), optional(from), optional(from), optional(from), from.getLong());
  }

  private static Optional<Long> optional(ByteBuffer from) {
    long id = from.getLong();
    return id == 0 ? Optional.empty() : Optional.of(id);
  }

  private static String text(ByteBuffer from) {
    byte[] utf8 = new byte[from.getShort()];
    from.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
