package dev.krafla.wire.generation;

import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fields of a request that its wire has and this vocabulary does not interpret.
 *
 * @param wire whose fields they are
 * @param binding fields that could change the answer
 * @param harmless hints and notes that could not
 */
public record Extras(String wire, ObjectNode binding, ObjectNode harmless) {
  /** How the names of fields begin that we add for ourselves: they are sent nowhere. */
  public static final String OUR_NOTE = "krafla:";

  /** None. */
  public static Extras none(String wire) {
    return new Extras(wire, Json.object(), Json.object());
  }

  /**
   * The members of {@code body} that are not in {@code known}.
   *
   * @param harmless names of those that change no answer
   * @param neutral whether a member says what is so anyway: it is left out
   */
  public static Extras read(
      String wire,
      ObjectNode body,
      Set<String> known,
      Set<String> harmless,
      BiPredicate<String, JsonNode> neutral) {
    Extras extras = none(wire);
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      String name = member.getKey();
      JsonNode value = member.getValue();
      if (!known.contains(name) && !value.isNull() && !neutral.test(name, value)) {
        (harmless.contains(name) ? extras.harmless : extras.binding).set(name, value);
      }
    }
    return extras;
  }

  /**
   * Adds the fields to a body of their own wire; on another, says what stays behind.
   *
   * @return the names of harmless fields that {@code target} has no words for
   * @throws Unsupported naming the first field that {@code target} cannot say
   */
  public List<String> addTo(ObjectNode body, String target) {
    if (wire.equals(target)) {
      binding.properties().forEach(e -> body.set(e.getKey(), e.getValue().deepCopy()));
      for (String name : theirs()) {
        body.set(name, harmless.path(name).deepCopy());
      }
      return List.of();
    }
    for (String name : binding.propertyNames()) {
      throw new Unsupported(
          name,
          target,
          "leave it out, or choose a model that is spoken to by the " + wire + " wire");
    }
    return theirs();
  }

  private List<String> theirs() {
    return harmless.propertyNames().stream().filter(n -> !n.startsWith(OUR_NOTE)).toList();
  }
}
