package dev.krafla.serving.proxy;

import java.time.Duration;
import java.util.Optional;

/**
 * How a router is reached and what it takes. Start from {@link #DEFAULTS} and change what differs.
 *
 * @param host address to listen at; {@code 0.0.0.0} for all
 * @param port 0 for any free one
 * @param apiKey bearer token that requests must carry; absent: none is asked for, and a client's
 *     own goes on to the replica
 * @param maxBodyBytes longest body that is read
 * @param maxConnections most connections at a time; more wait to be accepted
 * @param maxAttempts replicas that a request is tried at, as long as nothing of an answer was sent
 * @param longestSilence a replica that sends nothing this long, before its answer or within it, has
 *     failed
 * @param minRemoteTokens where fewer prompt tokens are to be computed, a decode replica does it
 */
public record ProxyConfig(
    String host,
    int port,
    Optional<String> apiKey,
    int maxBodyBytes,
    int maxConnections,
    int maxAttempts,
    Duration longestSilence,
    int minRemoteTokens) {
  /**
   * On this machine only, port 8090, no key, bodies of up to 16 MiB, three attempts, ten minutes;
   * prompts are computed elsewhere from 256 tokens on.
   */
  public static final ProxyConfig DEFAULTS =
      new ProxyConfig(
          "127.0.0.1", 8090, Optional.empty(), 16 << 20, 4096, 3, Duration.ofMinutes(10), 256);

  public ProxyConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is %d; it must be 0 to 65535".formatted(port));
    }
    if (apiKey.isPresent() && apiKey.get().isBlank()) {
      throw new IllegalArgumentException("the API key is blank; leave it out to ask for none");
    }
    if (maxBodyBytes < 1 || maxConnections < 1 || maxAttempts < 1 || minRemoteTokens < 0) {
      throw new IllegalArgumentException(
          "maxBodyBytes %d, maxConnections %d, maxAttempts %d must be 1, minRemoteTokens %d 0 or more"
              .formatted(maxBodyBytes, maxConnections, maxAttempts, minRemoteTokens));
    }
    if (!longestSilence.isPositive()) {
      throw new IllegalArgumentException(
          "longestSilence is %s; it must be above 0".formatted(longestSilence));
    }
  }

  /** Listens elsewhere. */
  public ProxyConfig at(String newHost, int newPort) {
    return new ProxyConfig(
        newHost,
        newPort,
        apiKey,
        maxBodyBytes,
        maxConnections,
        maxAttempts,
        longestSilence,
        minRemoteTokens);
  }

  public ProxyConfig withApiKey(Optional<String> key) {
    return new ProxyConfig(
        host,
        port,
        key,
        maxBodyBytes,
        maxConnections,
        maxAttempts,
        longestSilence,
        minRemoteTokens);
  }

  /** Other limits on what clients send. */
  public ProxyConfig withLimits(int bodyBytes, int connections) {
    return new ProxyConfig(
        host, port, apiKey, bodyBytes, connections, maxAttempts, longestSilence, minRemoteTokens);
  }

  /** Another patience with replicas. */
  public ProxyConfig withPatience(int attempts, Duration silence) {
    return new ProxyConfig(
        host, port, apiKey, maxBodyBytes, maxConnections, attempts, silence, minRemoteTokens);
  }

  public ProxyConfig withMinRemoteTokens(int tokens) {
    return new ProxyConfig(
        host, port, apiKey, maxBodyBytes, maxConnections, maxAttempts, longestSilence, tokens);
  }
}
