package dev.krafla.serving;

import dev.krafla.models.ChatTemplate;
import dev.krafla.models.output.OutputFormat;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolChoice;
import java.util.List;

/** A conversation as the text that the model continues. Thread-safe. */
final class ChatPrompt {
  private final ServedModel served;
  private final OutputFormat format;
  private final ToolsInWords words;
  private final boolean describesTools;
  private final boolean writesCalls;
  private final TemplateMessages messages;

  ChatPrompt(ServedModel served) {
    this.served = served;
    String source = served.model().chatTemplate().map(ChatTemplate::source).orElse("");
    OutputFormat detected = OutputFormat.detect(served.info().architecture(), source);
    boolean known = detected != OutputFormat.PLAIN;
    format = known ? detected : OutputFormat.HERMES;
    describesTools = known && OutputFormat.describesTools(source);
    writesCalls = describesTools || detected == OutputFormat.DEEPSEEK;
    words = ToolsInWords.of(format, source);
    messages = new TemplateMessages(source);
  }

  /**
   * How the model writes tool calls: as its chat template has it, or as {@link ToolsInWords} tells
   * it.
   */
  OutputFormat format() {
    return format;
  }

  /**
   * The prompt of {@code chat}, through the model's chat template.
   *
   * @throws dev.krafla.models.ChatTemplateException when the template refuses the conversation
   */
  String render(ChatRequest chat) {
    ChatTemplate template =
        served
            .model()
            .chatTemplate()
            .orElseThrow(() ->
                Refused.invalid(
                    "model",
                    "the model '%s' has no chat template; use /v1/completions"
                        .formatted(served.id())));
    TemplateMessages.checkArguments(chat.messages());
    List<Tool> tools =
        chat.toolChoice() instanceof ToolChoice.None ? List.<Tool>of() : chat.tools();
    List<ChatMessage> conversation = chat.messages();
    if (!writesCalls) {
      conversation = words.plain(conversation);
    }
    if (!describesTools && !tools.isEmpty()) {
      conversation = words.describe(tools, conversation);
      tools = List.of();
    }
    return template.render(
        messages.of(conversation),
        tools.stream().map(Tool::definition).toList(),
        chat.generationPrompt(),
        chat.templateVariables());
  }

  /** Ids of a rendered prompt. The template has written the special tokens, so none are added. */
  int[] tokenize(String rendered) {
    return served.tokenizer().encode(rendered, false, true);
  }
}
