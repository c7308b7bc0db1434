package dev.krafla.serving;

import java.util.Optional;

/**
 * How a worker is reached and what it takes. Start from {@link #DEFAULTS} and change what differs.
 *
 * @param host address to listen at; {@code 0.0.0.0} for all
 * @param port 0 for any free one
 * @param apiKey bearer token that requests must carry; absent: none is asked for
 * @param maxBodyBytes longest body that is read
 * @param maxConnections most connections at a time; more wait to be accepted
 */
public record WorkerConfig(
    String host, int port, Optional<String> apiKey, int maxBodyBytes, int maxConnections) {
  /** On this machine only, port 8080, no key, bodies of up to 16 MiB. */
  public static final WorkerConfig DEFAULTS =
      new WorkerConfig("127.0.0.1", 8080, Optional.empty(), 16 << 20, 4096);

  public WorkerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is %d; it must be 0 to 65535".formatted(port));
    }
    if (apiKey.isPresent() && apiKey.get().isBlank()) {
      throw new IllegalArgumentException("the API key is blank; leave it out to ask for none");
    }
    if (maxBodyBytes < 1 || maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxBodyBytes is %d and maxConnections %d; both must be 1 or more"
              .formatted(maxBodyBytes, maxConnections));
    }
  }

  /** Listens elsewhere. */
  public WorkerConfig at(String newHost, int newPort) {
    return new WorkerConfig(newHost, newPort, apiKey, maxBodyBytes, maxConnections);
  }

  public WorkerConfig withApiKey(Optional<String> key) {
    return new WorkerConfig(host, port, key, maxBodyBytes, maxConnections);
  }

  public WorkerConfig withMaxBodyBytes(int bytes) {
    return new WorkerConfig(host, port, apiKey, bytes, maxConnections);
  }

  public WorkerConfig withMaxConnections(int connections) {
    return new WorkerConfig(host, port, apiKey, maxBodyBytes, connections);
  }
}
