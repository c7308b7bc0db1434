package dev.krafla.platform.up;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A program that is to be kept running. It must end when its standard input does: so none outlives
 * a supervisor that was killed.
 *
 * @param name what people call it; also its log's name
 * @param environment what differs from this process's; may hold secrets and is never shown
 * @param log where its output goes
 * @param ready whether it does its work; asked again and again, and must answer quickly
 * @param patience how long it may take to become ready before it counts as hung
 */
public record ChildSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    Path log,
    BooleanSupplier ready,
    Duration patience) {
  public ChildSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (!name.matches("[a-z0-9][a-z0-9.-]*")) {
      throw new IllegalArgumentException(
          "'%s' is no name of a child; use small letters, digits, '.' and '-'".formatted(name));
    }
    if (command.isEmpty() || !patience.isPositive()) {
      throw new IllegalArgumentException(
          "%s: command %s must not be empty and patience %s above 0"
              .formatted(name, command, patience));
    }
  }
}
