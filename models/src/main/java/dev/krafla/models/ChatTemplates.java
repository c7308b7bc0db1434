package dev.krafla.models;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles chat templates. Stateless. */
public final class ChatTemplates {
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
    return new ChatTemplate() {
      @Override
      public String render(
          List<Map<String, Object>> messages,
          List<Map<String, Object>> tools,
          boolean addGenerationPrompt,
          Map<String, Object> extra) {
        throw new ChatTemplateException("not built in yet (%s, %s)".formatted(bosToken, eosToken));
      }

      @Override
      public String source() {
        return source;
      }
    };
  }

  /**
   * The template of a Hugging Face folder: {@code chat_template.jinja}, else {@code chat_template}
   * of {@code tokenizer_config.json} (of several, the one named "default"); empty where there is
   * none.
   */
  public static Optional<ChatTemplate> ofFolder(Path folder) {
    if (Files.notExists(folder.resolve("tokenizer_config.json"))) {
      return Optional.empty();
    }
    throw new ChatTemplateException("%s: cannot be read yet".formatted(folder));
  }
}
