package dev.krafla.platform;

import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.KvEventSource;
import dev.krafla.serving.replica.ReplicaRole;
import dev.krafla.serving.replica.ReplicaSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Replicas as a file lists them, in YAML or JSON:
 *
 * <pre>
 * replicas:
 *   - url: http://10.0.0.7:8000
 *     kind: vllm            # krafla (default), vllm, sglang, llamacpp or openai
 *     models: [qwen3]       # default: those that it names itself
 *     role: decode          # both (default), prefill or decode
 *     key_variable: QWEN_KEY  # environment variable with its key
 *     kv_events: tcp://10.0.0.7:5557
 *     kv_replay: tcp://10.0.0.7:5558
 *     bootstrap_port: 8998  # SGLang's, of a prefill server
 * </pre>
 */
final class ReplicaFile {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final long MAX_BYTES = 4 << 20;

  private ReplicaFile() {}

  /**
   * Reads {@code file}.
   *
   * @throws UserError when it cannot be read, or something in it is wrong
   */
  static List<ReplicaSpec> read(Path file) {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError("%s is larger than %,d bytes".formatted(file, MAX_BYTES));
      }
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UserError("the list of replicas %s cannot be read: %s".formatted(file, e), e);
    }
    return parse(text, file.toString());
  }

  /** As {@link #read}, of text that {@code where} has. */
  static List<ReplicaSpec> parse(String text, String where) {
    Listed listed;
    try {
      listed = YAML.readValue(text, Listed.class);
    } catch (JacksonException e) {
      throw new UserError("%s: %s".formatted(where, e.getOriginalMessage()), e);
    }
    if (listed == null || listed.replicas == null || listed.replicas.isEmpty()) {
      throw new UserError(
          "%s names no replica; write: replicas: [{url: 'http://10.0.0.7:8000'}]".formatted(where));
    }
    return listed.replicas.stream().map(row -> spec(row, where)).toList();
  }

  private static ReplicaSpec spec(@Nullable Row row, String where) {
    try {
      if (row == null || row.url == null) {
        throw new IllegalArgumentException("a replica has no url");
      }
      return row.toSpec(row.url);
    } catch (IllegalArgumentException e) {
      throw new UserError("%s: %s".formatted(where, e.getMessage()), e);
    }
  }

  /** The replica at {@code url}, of {@code kind}, as a command line has it. */
  static ReplicaSpec ofUrl(String url, String kind) {
    try {
      return ReplicaSpec.of(URI.create(url), EngineAdapter.of(kind));
    } catch (IllegalArgumentException e) {
      throw new UserError("--replicas: " + e.getMessage(), e);
    }
  }

  private record Listed(@Nullable List<Row> replicas) {}

  /** One entry as written; what is absent is null. */
  private record Row(
      @Nullable String url,
      @Nullable String kind,
      @Nullable List<String> models,
      @Nullable String role,
      @Nullable String key_variable,
      @Nullable String kv_events,
      @Nullable String kv_replay,
      @Nullable String kv_topic,
      @Nullable Integer bootstrap_port) {

    ReplicaSpec toSpec(String address) {
      if (kv_events == null && kv_replay != null) {
        throw new IllegalArgumentException(
            "replica %s has kv_replay but no kv_events".formatted(address));
      }
      return new ReplicaSpec(
          URI.create(address),
          EngineAdapter.of(kind == null ? "krafla" : kind),
          models == null ? List.of() : models,
          role == null ? ReplicaRole.BOTH : role(role),
          Optional.ofNullable(key_variable),
          Optional.ofNullable(kv_events)
              .map(endpoint ->
                  new KvEventSource(
                      endpoint, Optional.ofNullable(kv_replay), kv_topic == null ? "" : kv_topic)),
          bootstrap_port == null ? OptionalInt.empty() : OptionalInt.of(bootstrap_port));
    }

    private static ReplicaRole role(String word) {
      return Arrays.stream(ReplicaRole.values())
          .filter(r -> r.word().equals(word))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "'%s' is no role; it must be one of %s"
                      .formatted(
                          word,
                          Arrays.stream(ReplicaRole.values())
                              .map(ReplicaRole::word)
                              .collect(Collectors.joining(", ")))));
    }
  }
}
