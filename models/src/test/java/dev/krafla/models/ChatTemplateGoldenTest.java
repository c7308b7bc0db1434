package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Chat templates of popular models give the text that transformers gives. */
class ChatTemplateGoldenTest {
  @ParameterizedTest
  @FieldSource("dev.krafla.models.GoldenTemplates#NAMES")
  void rendersEveryConversationAsTransformersDoes(String name) {
    check(GoldenTemplates.source(name), GoldenTemplates.json(name));
  }

  /**
   * Renders all conversations with the template {@code source} and compares with {@code golden}.
   */
  static void check(String source, Map<String, Object> golden) {
    ChatTemplate template =
        ChatTemplates.compile(
            source,
            (String) GoldenTemplates.member(golden, "bos"),
            (String) GoldenTemplates.member(golden, "eos"),
            GoldenTemplates.CLOCK);
    Map<String, Object> conversations = GoldenTemplates.json("conversations");
    GoldenTemplates.object(GoldenTemplates.member(golden, "cases"))
        .forEach((conversation, expected) -> {
          Map<String, Object> input =
              GoldenTemplates.object(GoldenTemplates.member(conversations, conversation));
          Object text = GoldenTemplates.object(expected).get("text");
          if (text == null) {
            assertThatThrownBy(() -> GoldenTemplates.render(template, input))
                .as(conversation)
                .isInstanceOf(ChatTemplateException.class);
          } else {
            assertThat(GoldenTemplates.render(template, input)).as(conversation).isEqualTo(text);
          }
        });
  }
}
