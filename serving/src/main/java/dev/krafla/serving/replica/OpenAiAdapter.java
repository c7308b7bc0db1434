package dev.krafla.serving.replica;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Anything else with OpenAI's wire: no metrics, and health is whether it names its models. */
public record OpenAiAdapter() implements EngineAdapter {
  @Override
  public String kind() {
    return "openai";
  }

  @Override
  public String healthPath() {
    return "/v1/models";
  }

  @Override
  public Optional<MetricNames> metrics() {
    return Optional.empty();
  }

  @Override
  public Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat) {
    return Optional.empty();
  }

  @Override
  public Optional<HandOff> handOff() {
    return Optional.empty();
  }
}
