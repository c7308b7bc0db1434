package dev.krafla.serving.replica;

import dev.krafla.wire.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** vLLM's OpenAI server (contracts recorded from 0.32's CPU build). */
public record VllmAdapter() implements EngineAdapter {
  /** Fields of a chat that its template sees. */
  private static final List<String> CHAT =
      List.of("messages", "tools", "add_generation_prompt", "chat_template_kwargs");

  @Override
  public String kind() {
    return "vllm";
  }

  @Override
  public String healthPath() {
    return "/health";
  }

  @Override
  public Optional<MetricNames> metrics() {
    return Optional.of(MetricNames.VLLM);
  }

  @Override
  public Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat) {
    return Optional.of(tokenize(request, chat));
  }

  static ObjectNode tokenize(ObjectNode request, boolean chat) {
    ObjectNode body = Json.object();
    for (String field : List.of("model", "prompt", "add_special_tokens")) {
      copy(request, field, body);
    }
    if (chat) {
      CHAT.forEach(field -> copy(request, field, body));
    }
    return body;
  }

  private static void copy(ObjectNode from, String field, ObjectNode to) {
    JsonNode value = from.get(field);
    if (value != null && !value.isNull()) {
      to.set(field, value);
    }
  }

  @Override
  public Optional<HandOff> handOff() {
    return Optional.of(new NixlPull());
  }
}
