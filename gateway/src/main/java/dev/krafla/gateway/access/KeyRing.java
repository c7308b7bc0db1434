package dev.krafla.gateway.access;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.money.Ledger;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Every key that is good, in memory, and the ledger that its requests reserve from. A change counts
 * for the next request. Wrong keys leave nothing behind, however many come.
 *
 * <p>Thread-safe.
 */
public final class KeyRing implements Gatekeeper {
  /** Longer than any key: what is longer is not even hashed. */
  private static final int MAX_LENGTH = 512;

  private final Ledger ledger;
  private final InstantSource clock;
  private final ConcurrentMap<KeyHash, Entry> byHash = new ConcurrentHashMap<>();
  private final ConcurrentMap<Long, Entry> byId = new ConcurrentHashMap<>();

  private record Entry(ApiKey key, Ledger.Path path) {}

  public KeyRing(Ledger ledger, InstantSource clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /** Lets a key in, or replaces what was known of it. Its organisation's book must be open. */
  public void put(ApiKey key) {
    var entry = new Entry(key, ledger.path(key.caller()));
    byId.put(key.caller().keyId(), entry);
    byHash.put(key.hash(), entry);
  }

  /** Drops a key: nobody is let in with it any more. */
  public void remove(long keyId) {
    Entry entry = byId.remove(keyId);
    if (entry != null) {
      byHash.remove(entry.key().hash());
    }
  }

  /** How many keys it has. */
  public int size() {
    return byId.size();
  }

  @Override
  public Caller identify(Optional<String> key, InetAddress from) {
    return find(key, from).caller();
  }

  /** As {@link #identify}, with all that is known of the key. */
  public ApiKey find(Optional<String> key, InetAddress from) {
    if (key.isEmpty()) {
      throw unauthorized(
          "the gateway asks for an API key; send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'");
    }
    Entry entry = key.get().length() > MAX_LENGTH ? null : byHash.get(KeyHash.of(key.get()));
    if (entry == null) {
      throw unauthorized("the API key is wrong; keys are made with 'krafla keys create'");
    }
    requireGood(entry.key());
    if (!entry.key().allows(from)) {
      throw new GatewayRefusal(
          403,
          "key '%s' may not be used from %s; its networks are %s"
              .formatted(
                  entry.key().caller().keyName(), from.getHostAddress(), entry.key().networks()),
          "permission_error",
          "network_not_allowed",
          Optional.empty());
    }
    return entry.key();
  }

  @Override
  public Reservation reserve(Caller caller, Estimate most) {
    Entry entry = byId.get(caller.keyId());
    if (entry == null) {
      throw unauthorized("key '%s' is gone".formatted(caller.keyName()));
    }
    requireGood(entry.key());
    if (!entry.key().allows(most.model())) {
      throw new GatewayRefusal(
          403,
          "key '%s' may not use model '%s'; it may use %s"
              .formatted(caller.keyName(), most.model(), entry.key().models()),
          "permission_error",
          "model_not_allowed",
          Optional.empty());
    }
    return ledger.reserve(entry.path(), caller, most);
  }

  private void requireGood(ApiKey key) {
    String name = key.caller().keyName();
    if (key.revoked().isPresent()) {
      throw unauthorized("key '%s' was revoked at %s".formatted(name, key.revoked().get()));
    }
    if (key.expires().isPresent()) {
      Instant expires = key.expires().get();
      if (!clock.instant().isBefore(expires)) {
        throw unauthorized("key '%s' expired at %s; ask for a new one".formatted(name, expires));
      }
    }
  }

  private static GatewayRefusal unauthorized(String message) {
    return new GatewayRefusal(
        401, message, "authentication_error", "invalid_api_key", Optional.empty());
  }
}
