package dev.krafla.models;

import dev.krafla.models.jinja.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compiles chat templates. Stateless. */
public final class ChatTemplates {
  private static final long MAX_FILE_BYTES = 4 << 20;

  private ChatTemplates() {}

  /**
   * Compiles {@code source}.
   *
   * @param bosToken text of the token that begins a sequence, {@code bos_token} in the template;
   *     empty for a model without one
   * @param eosToken text of the token that ends a sequence, {@code eos_token} in the template
   * @throws ChatTemplateException when it is no valid template; the message names the line
   */
  public static ChatTemplate compile(String source, String bosToken, String eosToken) {
    return compile(source, bosToken, eosToken, Clock.system(ZoneId.systemDefault()));
  }

  /** As {@link #compile(String, String, String)}, for templates that print {@code clock}'s date. */
  public static ChatTemplate compile(String source, String bosToken, String eosToken, Clock clock) {
    return new Compiled(source, Template.compile(source), bosToken, eosToken, clock);
  }

  private record Compiled(
      String source, Template template, String bosToken, String eosToken, Clock clock)
      implements ChatTemplate {
    @Override
    public String render(
        List<Map<String, Object>> messages,
        List<Map<String, Object>> tools,
        boolean addGenerationPrompt,
        Map<String, Object> extra) {
      Map<String, @Nullable Object> variables = new HashMap<>();
      if (!bosToken.isEmpty()) {
        variables.put("bos_token", bosToken);
      }
      if (!eosToken.isEmpty()) {
        variables.put("eos_token", eosToken);
      }
      variables.putAll(extra);
      variables.put("messages", messages);
      variables.put("tools", tools.isEmpty() ? null : tools);
      variables.put("documents", extra.get("documents"));
      variables.put("add_generation_prompt", addGenerationPrompt);
      return template.render(variables, clock);
    }
  }

  /**
   * The template of a Hugging Face folder: {@code chat_template.jinja}, else {@code chat_template}
   * of {@code tokenizer_config.json} (of several, the one named "default"); empty where there is
   * none.
   */
  public static Optional<ChatTemplate> ofFolder(Path folder) {
    try {
      Path configFile = folder.resolve("tokenizer_config.json");
      Path templateFile = folder.resolve("chat_template.jinja");
      var json = JsonMapper.builder().build();
      JsonNode config = Files.exists(configFile) ? json.readTree(configFile) : json.missingNode();
      String source =
          Files.exists(templateFile) ? read(templateFile) : source(config.path("chat_template"));
      return source.isEmpty()
          ? Optional.empty()
          : Optional.of(
              compile(source, text(config.path("bos_token")), text(config.path("eos_token"))));
    } catch (JacksonException | IOException e) {
      throw new ChatTemplateException(
          "%s: the chat template cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static String read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new ChatTemplateException(
          "%s has %d bytes; a chat template has at most %d".formatted(file, size, MAX_FILE_BYTES));
    }
    return Files.readString(file);
  }

  private static String source(JsonNode template) {
    for (JsonNode named : template.isArray() ? template : List.<JsonNode>of()) {
      if (named.path("name").asString("").equals("default")) {
        return named.path("template").asString("");
      }
    }
    return template.asString("");
  }

  /** A token in {@code tokenizer_config.json} is its text or an object around it. */
  private static String text(JsonNode token) {
    return (token.isObject() ? token.path("content") : token).asString("");
  }
}
