package dev.krafla.wire;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How an answer is drawn: OpenAI's fields and the extensions that vLLM, SGLang and llama.cpp share.
 * What is absent has the server's default. Ranges are the engine's to check.
 *
 * @param maxTokens {@code max_completion_tokens} or {@code max_tokens}
 * @param choices {@code n}
 * @param ignoreEos go on past end tokens
 * @param cacheSalt requests share cached prefixes only within one salt
 * @param serviceTier {@code service_tier} as OpenAI has it: auto, default, flex or priority
 * @param priority as vLLM has it: lower is earlier, 0 is usual
 * @param kvTransfer what another worker does of the request
 */
public record GenerationOptions(
    OptionalInt maxTokens,
    int choices,
    List<String> stop,
    Optional<Double> temperature,
    Optional<Double> topP,
    OptionalInt topK,
    Optional<Double> minP,
    Optional<Double> typicalP,
    Optional<Double> repetitionPenalty,
    Optional<Double> frequencyPenalty,
    Optional<Double> presencePenalty,
    Map<Integer, Float> logitBias,
    OptionalLong seed,
    boolean ignoreEos,
    String cacheSalt,
    Optional<String> serviceTier,
    OptionalInt priority,
    Optional<KvTransferParams> kvTransfer) {
  private static final Set<String> TIERS = Set.of("auto", "default", "flex", "priority");
  private static final double MAX_BIAS = 100;

  /** The server's defaults throughout. */
  public static final GenerationOptions DEFAULTS = parse(Fields.of(Json.object()));

  public GenerationOptions {
    stop = List.copyOf(stop);
    logitBias = Map.copyOf(logitBias);
  }

  static GenerationOptions parse(Fields body) {
    refuseUnsupported(body);
    OptionalInt max = body.integer("max_completion_tokens");
    return new GenerationOptions(
        max.isPresent() ? max : body.integer("max_tokens"),
        body.integer("n").orElse(1),
        body.stringOrStrings("stop"),
        body.number("temperature"),
        body.number("top_p"),
        topK(body),
        body.number("min_p"),
        body.number("typical_p"),
        body.number("repetition_penalty").or(() -> body.number("repeat_penalty")),
        body.number("frequency_penalty"),
        body.number("presence_penalty"),
        logitBias(body),
        body.longInteger("seed"),
        body.bool("ignore_eos").orElse(false),
        body.string("cache_salt").orElse(""),
        serviceTier(body),
        body.integer("priority"),
        KvTransferParams.parse(body));
  }

  private static Optional<String> serviceTier(Fields body) {
    Optional<String> tier = body.string("service_tier");
    if (tier.isPresent() && !TIERS.contains(tier.get())) {
      throw body.invalid(
          "service_tier",
          "is '%s'; it must be auto, default, flex or priority".formatted(tier.get()));
    }
    return tier;
  }

  /** What would change the answer and cannot be done is refused, not ignored. */
  private static void refuseUnsupported(Fields body) {
    body.refuse("use_beam_search", v -> isFalse(v), "leave it out to sample");
    body.refuse("min_tokens", v -> isZero(v), "use ignore_eos with max_tokens");
    body.refuse("stop_token_ids", v -> v.isArray() && v.isEmpty(), "use stop strings");
    body.refuse("bad_words", v -> v.isArray() && v.isEmpty(), "use logit_bias");
    body.refuse("allowed_token_ids", v -> v.isArray() && v.isEmpty(), "use logit_bias");
    body.refuse("prompt_logprobs", v -> isZero(v), "leave it out");
    body.refuse("truncate_prompt_tokens", v -> false, "prompts are never cut; shorten it");
    body.refuse("lora", v -> v.isArray() && v.isEmpty(), "adapters are not loaded here");
  }

  private static boolean isFalse(JsonNode value) {
    return value.isBoolean() && !value.booleanValue();
  }

  private static boolean isZero(JsonNode value) {
    return value.isNumber() && value.doubleValue() == 0;
  }

  /** vLLM writes "all" as -1, the others as 0. */
  private static OptionalInt topK(Fields body) {
    OptionalInt k = body.integer("top_k");
    return k.isPresent() && k.getAsInt() == -1 ? OptionalInt.of(0) : k;
  }

  private static Map<Integer, Float> logitBias(Fields body) {
    Map<Integer, Float> bias = new HashMap<>();
    Optional<Fields> entries = body.object("logit_bias");
    if (entries.isEmpty()) {
      return bias;
    }
    for (String key : entries.get().node().propertyNames()) {
      double value = entries.get().number(key).orElseThrow(() -> entries.get().missing(key));
      if (Math.abs(value) > MAX_BIAS) {
        throw entries.get().invalid(key, "is %s; it must be -100 to 100".formatted(value));
      }
      bias.put(tokenId(entries.get(), key), (float) value);
    }
    return bias;
  }

  private static int tokenId(Fields entries, String key) {
    try {
      return Integer.parseUnsignedInt(key);
    } catch (NumberFormatException e) {
      throw entries.invalid(key, "is not a token id; keys of logit_bias are token ids");
    }
  }

  /** Adds what is set to a request body. */
  void addTo(ObjectNode body) {
    maxTokens.ifPresent(v -> body.put("max_tokens", v));
    if (choices != 1) {
      body.put("n", choices);
    }
    if (!stop.isEmpty()) {
      ArrayNode array = body.putArray("stop");
      stop.forEach(array::add);
    }
    put(body, "temperature", temperature.orElse(null));
    put(body, "top_p", topP.orElse(null));
    topK.ifPresent(v -> body.put("top_k", v));
    put(body, "min_p", minP.orElse(null));
    put(body, "typical_p", typicalP.orElse(null));
    put(body, "repetition_penalty", repetitionPenalty.orElse(null));
    put(body, "frequency_penalty", frequencyPenalty.orElse(null));
    put(body, "presence_penalty", presencePenalty.orElse(null));
    if (!logitBias.isEmpty()) {
      ObjectNode bias = body.putObject("logit_bias");
      logitBias.forEach((token, value) -> bias.put(Integer.toString(token), value));
    }
    seed.ifPresent(v -> body.put("seed", v));
    if (ignoreEos) {
      body.put("ignore_eos", true);
    }
    if (!cacheSalt.isEmpty()) {
      body.put("cache_salt", cacheSalt);
    }
    serviceTier.ifPresent(v -> body.put("service_tier", v));
    priority.ifPresent(v -> body.put("priority", v));
    kvTransfer.ifPresent(v -> body.set("kv_transfer_params", v.toJson()));
  }

  private static void put(ObjectNode body, String name, @Nullable Double value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  /** These options with other limits on temperature and length. */
  public GenerationOptions with(OptionalInt newMaxTokens, Optional<Double> newTemperature) {
    return new GenerationOptions(
        newMaxTokens,
        choices,
        stop,
        newTemperature,
        topP,
        topK,
        minP,
        typicalP,
        repetitionPenalty,
        frequencyPenalty,
        presencePenalty,
        logitBias,
        seed,
        ignoreEos,
        cacheSalt,
        serviceTier,
        priority,
        kvTransfer);
  }
}
