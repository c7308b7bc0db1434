package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.NixlPull;
import dev.krafla.serving.route.RequestClass;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.wire.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads of a request what routing needs, and leaves the rest to the replica. */
final class AskReader {
  static final String TENANT_HEADER = "x-krafla-tenant";
  static final String CLASS_HEADER = "x-krafla-class";

  /** Fields by which one replica fetches from another: only this router may set them. */
  private static final List<String> HAND_OFF =
      List.of(NixlPull.PARAMS, "bootstrap_host", "bootstrap_port", "bootstrap_room");

  private final int blockTokens;

  AskReader(int blockTokens) {
    this.blockTokens = blockTokens;
  }

  /**
   * The request that {@code body} is.
   *
   * @param headers that go on to a replica, by names in small letters
   * @throws dev.krafla.wire.InvalidBody when it is not a JSON object
   */
  Ask read(Ask.Path path, Map<String, List<String>> headers, byte[] body) {
    ObjectNode json = Json.parseObject(body);
    for (String field : HAND_OFF) {
      if (json.has(field)) {
        throw Refusal.invalid(
            field,
            "'%s' is not for clients of a router, which decides itself where prompts are computed;"
                    .formatted(field)
                + " leave it out");
      }
    }
    String tenant = first(headers, TENANT_HEADER).orElse("");
    PromptKeys prompt = PromptKeys.of(path, json, tenant, blockTokens);
    return new Ask(
        path,
        headers,
        body,
        json,
        string(json, "model"),
        json.path("stream").booleanValue(false),
        new RouteRequest(prompt.keys(), prompt.tokens(), urgency(headers, json)));
  }

  /** As our worker reads it: the header before the tier, the tier before the priority. */
  private static RequestClass urgency(Map<String, List<String>> headers, ObjectNode json) {
    String named =
        first(headers, CLASS_HEADER).or(() -> string(json, "service_tier")).orElse("auto");
    return switch (named.toLowerCase(Locale.ROOT)) {
      case "interactive", "priority" -> RequestClass.INTERACTIVE;
      case "batch", "flex" -> RequestClass.BATCH;
      case "auto" -> byPriority(json);
      default -> RequestClass.NORMAL;
    };
  }

  private static RequestClass byPriority(ObjectNode json) {
    JsonNode priority = json.get("priority");
    int value = priority != null && priority.canConvertToInt() ? priority.intValue() : 0;
    return value < 0
        ? RequestClass.INTERACTIVE
        : value > 0 ? RequestClass.BATCH : RequestClass.NORMAL;
  }

  private static Optional<String> first(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of()).stream().findFirst();
  }

  private static Optional<String> string(ObjectNode json, String field) {
    JsonNode value = json.get(field);
    return value != null && value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
  }
}
