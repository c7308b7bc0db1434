package dev.krafla.serving.replica;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** SGLang's server (contracts from its documentation and from llm-d's router). */
public record SglangAdapter() implements EngineAdapter {
  @Override
  public String kind() {
    return "sglang";
  }

  @Override
  public String healthPath() {
    return "/health";
  }

  @Override
  public Optional<MetricNames> metrics() {
    return Optional.of(MetricNames.SGLANG); // only with --enable-metrics
  }

  @Override
  public Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat) {
    return Optional.empty(); // no route that every version has
  }

  @Override
  public Optional<HandOff> handOff() {
    return Optional.of(new SglangBootstrap());
  }
}
