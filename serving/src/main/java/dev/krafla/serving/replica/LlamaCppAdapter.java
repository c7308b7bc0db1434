package dev.krafla.serving.replica;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** llama.cpp's server (contracts recorded from the build that llama-cpp-python 0.3.36 carries). */
public record LlamaCppAdapter() implements EngineAdapter {
  @Override
  public String kind() {
    return "llamacpp";
  }

  @Override
  public String healthPath() {
    return "/health"; // 503 while the model loads
  }

  @Override
  public Optional<MetricNames> metrics() {
    return Optional.of(MetricNames.LLAMA_CPP); // only with --metrics
  }

  @Override
  public Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat) {
    return Optional.empty(); // it would take two calls, and it tells nothing of its cache
  }

  @Override
  public Optional<HandOff> handOff() {
    return Optional.empty();
  }
}
