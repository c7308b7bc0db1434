package dev.krafla.serving.replay;

import dev.krafla.wire.Json;
import dev.krafla.wire.JsonStream;
import dev.krafla.wire.OpenAiClient;
import dev.krafla.wire.WireException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any server with OpenAI's {@code /v1/completions} that takes token ids: ours, vLLM, SGLang,
 * llama.cpp. Owns its client.
 */
public final class HttpEndpoint implements Endpoint {
  private static final String BUSY = "krafla_engine_busy_seconds_total";

  private final OpenAiClient client;
  private final String model;
  private final boolean useCache;
  private final boolean tellsBusy;
  private final AtomicLong salt = new AtomicLong(System.nanoTime());

  /**
   * @param model its id on the wire
   * @param useCache false: every request gets a cache salt of its own (ours and vLLM heed it) and
   *     {@code cache_prompt: false} (llama.cpp)
   */
  public HttpEndpoint(OpenAiClient client, String model, boolean useCache) {
    this.client = client;
    this.model = model;
    this.useCache = useCache;
    this.tellsBusy = readBusy().isPresent();
  }

  @Override
  public Answer ask(int[] prompt, int outputTokens) {
    long first = 0;
    int pieces = 0;
    ObjectNode usage = Json.object();
    try (JsonStream chunks = client.streamJson("/completions", body(prompt, outputTokens))) {
      for (ObjectNode chunk : chunks) {
        if (chunk.get("choices") instanceof ArrayNode choices && !choices.isEmpty()) {
          if (pieces++ == 0) {
            first = System.nanoTime();
          }
        }
        if (chunk.get("usage") instanceof ObjectNode told) {
          usage = told;
        }
      }
    }
    long last = System.nanoTime();
    return new Answer(
        number(usage, "prompt_tokens").orElse(prompt.length),
        usage.get("prompt_tokens_details") instanceof ObjectNode details
            ? number(details, "cached_tokens")
            : OptionalInt.empty(),
        number(usage, "completion_tokens").orElse(pieces),
        pieces == 0 ? last : first,
        last);
  }

  private ObjectNode body(int[] prompt, int outputTokens) {
    ObjectNode body = Json.object();
    body.put("model", model);
    ArrayNode tokens = body.putArray("prompt");
    for (int token : prompt) {
      tokens.add(token);
    }
    body.put("max_tokens", outputTokens).put("ignore_eos", true).put("temperature", 0);
    body.put("stream", true).putObject("stream_options").put("include_usage", true);
    if (!useCache) {
      body.put("cache_salt", "naive-" + salt.incrementAndGet()).put("cache_prompt", false);
    }
    return body;
  }

  private static OptionalInt number(ObjectNode json, String name) {
    JsonNode value = json.get(name);
    return value != null && value.canConvertToInt()
        ? OptionalInt.of(value.intValue())
        : OptionalInt.empty();
  }

  @Override
  public Optional<Duration> busy() {
    if (!tellsBusy) {
      return Optional.empty();
    }
    OptionalDouble seconds = readBusy();
    return seconds.isPresent()
        ? Optional.of(Duration.ofNanos(Math.round(seconds.getAsDouble() * 1e9)))
        : Optional.empty();
  }

  private OptionalDouble readBusy() {
    try {
      return client
          .metrics()
          .lines()
          .filter(line -> line.startsWith(BUSY))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst();
    } catch (WireException | NumberFormatException e) {
      return OptionalDouble.empty(); // a server without metrics, or with others
    }
  }

  @Override
  public String busySource() {
    return tellsBusy ? BUSY + " of /metrics" : "wall time: the server tells no busy time";
  }

  @Override
  public void close() {
    client.close();
  }
}
