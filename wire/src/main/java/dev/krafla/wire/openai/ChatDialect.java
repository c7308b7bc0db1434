package dev.krafla.wire.openai;

/**
 * How one provider's chat completions differ from the next one's, where a request is written for
 * it.
 *
 * @param thinking how it is told how much to think
 * @param developerRole whether it knows the role {@code developer}; else that is {@code system}
 * @param maxCompletionTokens whether the limit is {@code max_completion_tokens}; else {@code
 *     max_tokens}
 * @param topK whether it knows {@code top_k}
 * @param thoughtsInHistory whether an assistant's turn may carry {@code reasoning_content}
 * @param reasoningDetails whether it may carry {@code reasoning_details}, OpenRouter's sealed
 *     thoughts
 */
public record ChatDialect(
    Thinking thinking,
    boolean developerRole,
    boolean maxCompletionTokens,
    boolean topK,
    boolean thoughtsInHistory,
    boolean reasoningDetails) {
  /** Spellings of the one reasoning field. */
  public enum Thinking {
    /** {@code reasoning_effort}: OpenAI, Azure, Gemini's door. */
    EFFORT,
    /** {@code thinking: {type: enabled | disabled}}: DeepSeek, GLM, Kimi. */
    TYPE,
    /** {@code thinking: {type: enabled | disabled | auto}} with {@code reasoning_effort}: Ark. */
    TYPE_OR_AUTO,
    /** {@code enable_thinking} and {@code thinking_budget}: Qwen on DashScope. */
    ENABLE,
    /** {@code reasoning: {effort | max_tokens | enabled}}: OpenRouter. */
    OBJECT,
    /** {@code chat_template_kwargs.enable_thinking}, {@code reasoning_effort}: vLLM, SGLang. */
    TEMPLATE
  }

  /** OpenAI itself. */
  public static final ChatDialect OPENAI =
      new ChatDialect(Thinking.EFFORT, true, true, false, false, false);

  /** Most servers that call themselves compatible. */
  public static final ChatDialect COMPATIBLE =
      new ChatDialect(Thinking.EFFORT, false, false, true, true, false);

  /** vLLM, SGLang and our own worker. */
  public static final ChatDialect TEMPLATE = COMPATIBLE.thinkingBy(Thinking.TEMPLATE);

  /** DeepSeek, GLM (Zhipu), Kimi (Moonshot). */
  public static final ChatDialect TYPE = COMPATIBLE.thinkingBy(Thinking.TYPE);

  /** Volcano Ark. */
  public static final ChatDialect ARK = COMPATIBLE.thinkingBy(Thinking.TYPE_OR_AUTO);

  /** Qwen on DashScope. */
  public static final ChatDialect QWEN = COMPATIBLE.thinkingBy(Thinking.ENABLE);

  public static final ChatDialect OPENROUTER =
      new ChatDialect(Thinking.OBJECT, true, false, true, false, true);

  /** This dialect with another spelling of reasoning. */
  public ChatDialect thinkingBy(Thinking other) {
    return new ChatDialect(
        other, developerRole, maxCompletionTokens, topK, thoughtsInHistory, reasoningDetails);
  }
}
