package dev.krafla.serving;

import dev.krafla.models.ChatTemplate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Each message as {@code role: content}, then the assistant's token. Knows no tools. */
final class PlainTemplate implements ChatTemplate {
  @Override
  public String render(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt,
      Map<String, Object> extra) {
    var text = new StringBuilder("<|begin|>");
    for (Map<String, Object> message : messages) {
      String content = Optional.ofNullable(message.get("content")).map(Object::toString).orElse("");
      text.append(message.get("role")).append(": ").append(content).append("<|end|>\n");
    }
    return text.append(addGenerationPrompt ? "<|assistant|>" : "").toString();
  }

  @Override
  public String source() {
    return "{% for m in messages %}…{% endfor %}";
  }
}
