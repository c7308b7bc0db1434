package dev.krafla.wire.generation;

import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fields of a request that its wire has and this vocabulary does not interpret.
 *
 * @param wire whose fields they are
 * @param binding fields that could change the answer
 * @param harmless hints and notes that could not
 */
public record Extras(String wire, ObjectNode binding, ObjectNode harmless) {
  /** None. */
  public static Extras none(String wire) {
    return new Extras(wire, Json.object(), Json.object());
  }

  /**
   * Adds the fields to a body of their own wire; on another, says what stays behind.
   *
   * @return the names of harmless fields that {@code target} has no words for
   * @throws Unsupported naming the first field that {@code target} cannot say
   */
  public List<String> addTo(ObjectNode body, String target) {
    if (wire.equals(target)) {
      binding.properties().forEach(e -> body.set(e.getKey(), e.getValue()));
      harmless.properties().forEach(e -> body.set(e.getKey(), e.getValue()));
      return List.of();
    }
    for (String name : binding.propertyNames()) {
      throw new Unsupported(
          name,
          target,
          "leave it out, or choose a model that is spoken to by the " + wire + " wire");
    }
    return new ArrayList<>(harmless.propertyNames());
  }
}
