package dev.krafla.serving.replica;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Our own worker, which speaks vLLM's contracts. */
public record KraflaAdapter() implements EngineAdapter {
  @Override
  public String kind() {
    return "krafla";
  }

  @Override
  public String healthPath() {
    return "/health"; // 503 while it drains
  }

  @Override
  public Optional<MetricNames> metrics() {
    return Optional.of(MetricNames.VLLM);
  }

  @Override
  public Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat) {
    return Optional.of(VllmAdapter.tokenize(request, chat));
  }

  @Override
  public Optional<HandOff> handOff() {
    return Optional.of(new NixlPull());
  }
}
