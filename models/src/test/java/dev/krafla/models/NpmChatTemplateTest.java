package dev.krafla.models;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Chat templates that come with real tokenizer files give the text that transformers gives. */
class NpmChatTemplateTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "deepseek_v3",
        "gemma3",
        "llama3",
        "llama3_1",
        "llama3_2",
        "mistral_nemo",
        "qwen2_5",
        "qwen3"
      })
  void rendersEveryConversationAsTransformersDoes(String family)
      throws IOException, InterruptedException {
    JsonNode config =
        JsonMapper.shared()
            .readTree(NpmTokenizer.folder(family).resolve("tokenizer_config.json").toFile());
    Map<String, Object> golden = GoldenTemplates.json("npm-" + family);

    ChatTemplateGoldenTest.check(config.required("chat_template").stringValue(), golden);
  }
}
