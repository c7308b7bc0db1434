package dev.krafla.engine.kvstore.remote;

import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * How a store is spoken to.
 *
 * @param address where it is
 * @param password of the address's user, or of the server's default user
 * @param ttl how long an entry lives that nobody uses; zero: until the server evicts it
 * @param timeout most that one exchange may take, a new connection included
 * @param firstPause how long a store that failed is left alone at first; each time it fails again
 *     twice as long, up to 30 seconds
 * @param tls makes encrypted connections, and decides whom it trusts
 */
public record RemoteConfig(
    RemoteAddress address,
    Optional<String> password,
    Duration ttl,
    Duration timeout,
    Duration firstPause,
    SSLSocketFactory tls) {

  public RemoteConfig {
    if (ttl.isNegative() || (ttl.isPositive() && ttl.toSeconds() < 1)) {
      throw new IllegalArgumentException(
          "ttl is %s; it must be one second or more, or zero for none".formatted(ttl));
    }
    if (!timeout.isPositive() || !firstPause.isPositive()) {
      throw new IllegalArgumentException(
          "timeout is %s and firstPause %s; both must be above 0".formatted(timeout, firstPause));
    }
  }

  /** Entries live a day, an exchange may take half a second, Java's own trust store is used. */
  public static RemoteConfig of(RemoteAddress address) {
    return new RemoteConfig(
        address,
        Optional.empty(),
        Duration.ofDays(1),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  public RemoteConfig withPassword(Optional<String> secret) {
    return new RemoteConfig(address, secret, ttl, timeout, firstPause, tls);
  }

  public RemoteConfig withTtl(Duration unused) {
    return new RemoteConfig(address, password, unused, timeout, firstPause, tls);
  }

  public RemoteConfig withTimes(Duration exchange, Duration pause) {
    return new RemoteConfig(address, password, ttl, exchange, pause, tls);
  }

  public RemoteConfig withTls(SSLSocketFactory factory) {
    return new RemoteConfig(address, password, ttl, timeout, firstPause, factory);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "RemoteConfig[%s, ttl %s, timeout %s]".formatted(address, ttl, timeout);
  }
}
