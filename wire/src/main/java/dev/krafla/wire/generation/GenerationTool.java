package dev.krafla.wire.generation;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** What a model may call. */
public sealed interface GenerationTool {
  /**
   * A function that the client runs.
   *
   * @param parameters JSON schema of the arguments
   * @param strict whether arguments must follow the schema; absent: the server's default
   * @param cached a hint that the tools up to here may be cached by the provider
   */
  record Function(
      String name,
      Optional<String> description,
      ObjectNode parameters,
      Optional<Boolean> strict,
      Optional<Part.CachePoint> cached)
      implements GenerationTool {}

  /**
   * A tool that a provider runs, or a form of tool that one wire has: it can be passed on that wire
   * only.
   *
   * @param kind its type there, such as {@code web_search}
   */
  record Hosted(String wire, String kind, ObjectNode definition) implements GenerationTool {}
}
