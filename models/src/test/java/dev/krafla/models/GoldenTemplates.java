package dev.krafla.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Chat templates of real models, and conversations; made by {@code tools/template_goldens.py}. */
final class GoldenTemplates {
  static final List<String> NAMES =
      List.of(
          "apertus",
          "deepseek-r1-distill",
          "deepseek-v3.1",
          "glm-4.6",
          "gpt-oss",
          "granite-3.3",
          "granite-4.0",
          "hermes2-pro",
          "kimi-k2",
          "minimax-m2",
          "mistral-nemo",
          "mistral-small-3.2",
          "phi-3.5",
          "qwen2.5",
          "qwen3",
          "qwen3-coder",
          "qwen3.5",
          "qwq",
          "seed-oss",
          "smollm2",
          "smollm3");

  /** When the goldens were rendered. */
  static final Clock CLOCK =
      Clock.fixed(LocalDateTime.of(2026, 7, 4, 13, 5, 9).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

  private GoldenTemplates() {}

  /** Source of the template {@code name}. */
  static String source(String name) {
    return read(name + ".jinja");
  }

  /** The object in {@code NAME.json}. */
  static Map<String, Object> json(String name) {
    return JsonMapper.shared().readValue(read(name + ".json"), new TypeReference<>() {});
  }

  private static String read(String file) {
    try (InputStream in = GoldenTemplates.class.getResourceAsStream("/golden/templates/" + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Renders one of the conversations of {@code conversations.json}. */
  static String render(ChatTemplate template, Map<String, Object> conversation) {
    Map<String, Object> extra = new HashMap<>(conversation);
    extra.keySet().removeAll(List.of("messages", "tools", "add_generation_prompt"));
    return template.render(
        objects(member(conversation, "messages")),
        objects(conversation.getOrDefault("tools", List.of())),
        (boolean) conversation.getOrDefault("add_generation_prompt", true),
        extra);
  }

  @SuppressWarnings("unchecked") // as the file has them
  static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  /** What the file surely has under {@code name}. */
  static Object member(Map<String, Object> object, String name) {
    return Objects.requireNonNull(object.get(name), name);
  }

  @SuppressWarnings("unchecked") // as the file has them
  private static List<Map<String, Object>> objects(Object value) {
    return (List<Map<String, Object>>) value;
  }
}
