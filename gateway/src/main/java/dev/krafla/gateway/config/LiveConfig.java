package dev.krafla.gateway.config;

import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The configuration that holds now. {@link #reload} reads the file anew and puts all of it in place
 * at once, or nothing; requests under way keep what they began with. Thread-safe.
 */
public final class LiveConfig implements Supplier<Routing> {
  private static final long MAX_BYTES = 4 << 20;

  private final Path file;
  private final Function<String, Optional<String>> variables;
  private volatile GatewayConfig config;
  private volatile Routing routing;

  private LiveConfig(
      Path file, Function<String, Optional<String>> variables, GatewayConfig config) {
    this.file = file;
    this.variables = variables;
    this.config = config;
    this.routing =
        new Routing(
            new RouteTable(config.routes(), Optional.empty(), System::nanoTime), config.pricing());
  }

  /**
   * Reads {@code file}.
   *
   * @throws ConfigException when it cannot be read, or anything in it is wrong
   */
  public static LiveConfig open(Path file, Function<String, Optional<String>> variables) {
    return new LiveConfig(file, variables, read(file, variables));
  }

  private static GatewayConfig read(Path file, Function<String, Optional<String>> variables) {
    String name = file.toString();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigException(
            name, 0, 0, "the file is larger than the limit of %,d bytes".formatted(MAX_BYTES));
      }
      return KraflaYaml.read(name, Files.readString(file), variables);
    } catch (IOException e) {
      throw new ConfigException(name, 0, 0, "it cannot be read: " + e);
    }
  }

  /**
   * Reads the file again.
   *
   * @throws ConfigException when it cannot be used: then what held before goes on to hold
   */
  public synchronized void reload() {
    GatewayConfig changed = read(file, variables);
    routing =
        new Routing(
            new RouteTable(changed.routes(), Optional.of(routing.routes()), System::nanoTime),
            changed.pricing());
    config = changed;
  }

  public GatewayConfig config() {
    return config;
  }

  @Override
  public Routing get() {
    return routing;
  }
}
