package dev.krafla.serving.replica;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * What differs between the servers that can stand behind a router; all speak OpenAI's wire.
 * Stateless.
 */
public sealed interface EngineAdapter
    permits KraflaAdapter, VllmAdapter, SglangAdapter, LlamaCppAdapter, OpenAiAdapter {
  /** All kinds. */
  List<EngineAdapter> ALL =
      List.of(
          new KraflaAdapter(),
          new VllmAdapter(),
          new SglangAdapter(),
          new LlamaCppAdapter(),
          new OpenAiAdapter());

  /** As in a file of replicas: {@code vllm}. */
  String kind();

  /** The path that answers 200 when requests are welcome. */
  String healthPath();

  /** What it shows at {@code /metrics}; empty where there is nothing of use. */
  Optional<MetricNames> metrics();

  /**
   * The body for {@code POST /tokenize} that gives the token ids of {@code request}'s prompt; empty
   * where this kind cannot tell exactly.
   *
   * @param chat whether it is a conversation, else a text to go on from
   */
  Optional<ObjectNode> tokenizeBody(ObjectNode request, boolean chat);

  /** How prefill and decode are done on different replicas of this kind. */
  Optional<HandOff> handOff();

  /** The adapter for {@code kind}. */
  static EngineAdapter of(String kind) {
    return ALL.stream()
        .filter(a -> a.kind().equals(kind))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'%s' is no kind of replica; it must be one of %s"
                    .formatted(
                        kind,
                        ALL.stream().map(EngineAdapter::kind).collect(Collectors.joining(", ")))));
  }
}
