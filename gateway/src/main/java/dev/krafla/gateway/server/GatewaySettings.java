package dev.krafla.gateway.server;

import java.time.Duration;

/**
 * How the gateway listens, and what it lets clients take.
 *
 * @param maxBodyBytes of one request
 * @param maxHeldBytes of the bodies of all requests under way
 * @param requestTime in which a request must be whole, from its first byte
 */
public record GatewaySettings(
    String host,
    int port,
    int maxConnections,
    int maxBodyBytes,
    long maxHeldBytes,
    Duration requestTime) {
  private static final int MIB = 1 << 20;

  public static final GatewaySettings DEFAULTS =
      new GatewaySettings("127.0.0.1", 8080, 20_000, 32 * MIB, 512L * MIB, Duration.ofSeconds(60));

  public GatewaySettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is %d; it must be 0 to 65535".formatted(port));
    }
    if (maxConnections < 1 || maxBodyBytes < 1 || maxHeldBytes < maxBodyBytes) {
      throw new IllegalArgumentException(
          "connections %d, body bytes %d, held bytes %d: each must be 1 or more, and the last no less than the one before"
              .formatted(maxConnections, maxBodyBytes, maxHeldBytes));
    }
    if (!requestTime.isPositive()) {
      throw new IllegalArgumentException(
          "request time is %s; it must be positive".formatted(requestTime));
    }
  }

  public GatewaySettings at(String newHost, int newPort) {
    return new GatewaySettings(
        newHost, newPort, maxConnections, maxBodyBytes, maxHeldBytes, requestTime);
  }

  public GatewaySettings withBodies(int most, long mostHeld) {
    return new GatewaySettings(host, port, maxConnections, most, mostHeld, requestTime);
  }

  public GatewaySettings withConnections(int most, Duration time) {
    return new GatewaySettings(host, port, most, maxBodyBytes, maxHeldBytes, time);
  }
}
