package dev.krafla.wire.generation;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request in a wire's form.
 *
 * @param omitted what the wire has no words for and could not change the answer, by name: the
 *     client is told in a header
 */
public record Written(ObjectNode body, List<String> omitted) {
  public Written {
    omitted = List.copyOf(omitted);
  }
}
