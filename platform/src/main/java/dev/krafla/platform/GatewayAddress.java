package dev.krafla.platform;

import dev.krafla.gateway.server.GatewaySettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say where a gateway listens, whatever its file says. */
final class GatewayAddress {
  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen; 0.0.0.0 is everywhere. Default: the file's, else 127.0.0.1.")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "0 takes any free one. Default: the file's, else 8080.")
  private @Nullable Integer port;

  /** {@code told} by the file, changed by the options. */
  GatewaySettings apply(GatewaySettings told) {
    try {
      return told.at(host == null ? told.host() : host, port == null ? told.port() : port);
    } catch (IllegalArgumentException e) {
      throw new UserError("--port: " + e.getMessage(), e);
    }
  }

  /** An address that is taken, or not of this machine. */
  static UserError cannotListen(GatewaySettings settings, IllegalStateException cause) {
    return new UserError(
        "cannot listen at %s port %d (%s); name another with --port, or 0 for any free one"
            .formatted(settings.host(), settings.port(), cause.getMessage()),
        cause);
  }
}
