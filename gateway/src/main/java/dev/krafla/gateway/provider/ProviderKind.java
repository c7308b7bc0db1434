package dev.krafla.gateway.provider;

import static dev.krafla.gateway.Endpoint.CHAT;
import static dev.krafla.gateway.Endpoint.COMPLETIONS;
import static dev.krafla.gateway.Endpoint.EMBEDDINGS;
import static dev.krafla.gateway.Endpoint.MESSAGES;
import static dev.krafla.gateway.Endpoint.RESPONSES;

import dev.krafla.gateway.Endpoint;
import dev.krafla.wire.openai.ChatDialect;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of provider: one adapter speaks to all of them, by what stands here.
 *
 * @param word in {@code krafla.yaml}
 * @param base its address up to what follows {@code /v1} at OpenAI; empty where each installation
 *     has its own
 * @param speaks endpoints that it has
 * @param needsKey whether it answers nobody without one
 */
public record ProviderKind(
    String word,
    String base,
    KeyHeader keyHeader,
    Set<Endpoint> speaks,
    boolean needsKey,
    Quirks quirks) {
  private static final Set<Endpoint> OPENAI_CORE = Set.of(CHAT, COMPLETIONS, EMBEDDINGS);

  /**
   * All, as far as we know them in November 2026; tested against a stand-in server, none for real.
   */
  public static final List<ProviderKind> ALL =
      List.of(
          local("krafla", "", OPENAI_CORE, ChatDialect.TEMPLATE),
          hosted(
              "openai",
              "https://api.openai.com/v1",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES),
              Quirks.of(ChatDialect.OPENAI)),
          hosted(
              "azure",
              "", // https://RESOURCE.openai.azure.com/openai/v1
              KeyHeader.API_KEY,
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES),
              Quirks.of(ChatDialect.OPENAI)),
          hosted(
              "anthropic",
              "https://api.anthropic.com/v1",
              KeyHeader.X_API_KEY,
              EnumSet.of(MESSAGES),
              Quirks.of(ChatDialect.OPENAI).usageAlways()),
          hosted(
              "gemini",
              "https://generativelanguage.googleapis.com/v1beta/openai",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, EMBEDDINGS),
              Quirks.of(ChatDialect.COMPATIBLE)),
          hosted(
              "deepseek",
              "https://api.deepseek.com/v1",
              KeyHeader.BEARER,
              EnumSet.of(CHAT),
              Quirks.of(ChatDialect.TYPE)),
          hosted(
              "glm",
              "https://open.bigmodel.cn/api/paas/v4",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, EMBEDDINGS),
              Quirks.of(ChatDialect.TYPE).usageAlways()),
          hosted(
              "kimi",
              "https://api.moonshot.cn/v1",
              KeyHeader.BEARER,
              EnumSet.of(CHAT),
              Quirks.of(ChatDialect.TYPE)),
          hosted(
              "ark",
              "https://ark.cn-beijing.volces.com/api/v3",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, EMBEDDINGS, RESPONSES),
              Quirks.of(ChatDialect.ARK)),
          hosted(
              "qwen",
              "https://dashscope.aliyuncs.com/compatible-mode/v1",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS),
              Quirks.of(ChatDialect.QWEN)),
          hosted(
              "openrouter",
              "https://openrouter.ai/api/v1",
              KeyHeader.BEARER,
              EnumSet.of(CHAT, COMPLETIONS, RESPONSES),
              Quirks.of(ChatDialect.OPENROUTER).usageAlways()),
          local(
              "vllm",
              "",
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES),
              ChatDialect.TEMPLATE),
          local("sglang", "", OPENAI_CORE, ChatDialect.TEMPLATE),
          local("llamacpp", "", OPENAI_CORE, ChatDialect.COMPATIBLE),
          local(
              "ollama",
              "http://127.0.0.1:11434/v1",
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES),
              ChatDialect.COMPATIBLE),
          local(
              "lmstudio",
              "http://127.0.0.1:1234/v1",
              EnumSet.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES, MESSAGES),
              ChatDialect.COMPATIBLE),
          local("openai-compatible", "", OPENAI_CORE, ChatDialect.COMPATIBLE));

  public ProviderKind {
    speaks = Set.copyOf(speaks);
  }

  private static ProviderKind hosted(
      String word, String base, KeyHeader keyHeader, Set<Endpoint> speaks, Quirks quirks) {
    return new ProviderKind(word, base, keyHeader, speaks, true, quirks);
  }

  /** On machines of one's own, where a key is a matter of taste. */
  private static ProviderKind local(
      String word, String base, Set<Endpoint> speaks, ChatDialect dialect) {
    return new ProviderKind(word, base, KeyHeader.BEARER, speaks, false, Quirks.of(dialect));
  }

  /** The kind with this word. */
  public static Optional<ProviderKind> of(String word) {
    return ALL.stream().filter(k -> k.word.equals(word)).findFirst();
  }
}
