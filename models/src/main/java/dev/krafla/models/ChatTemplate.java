package dev.krafla.models;

import java.util.List;
import java.util.Map;

/** A model's Jinja chat template. Immutable and thread-safe. */
public interface ChatTemplate {
  /**
   * The prompt for a conversation, exactly as {@code transformers}' {@code apply_chat_template}
   * gives it.
   *
   * @param messages OpenAI-shaped messages as JSON values ({@code role}, {@code content}, {@code
   *     tool_calls} …)
   * @param tools OpenAI-shaped tool definitions; empty for none
   * @param addGenerationPrompt end with the opening of the assistant's turn
   * @param extra further template variables ({@code enable_thinking}, …)
   * @throws ChatTemplateException when the template refuses the conversation or fails; the message
   *     says why
   */
  String render(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt,
      Map<String, Object> extra);

  /** The template's source. */
  String source();
}
