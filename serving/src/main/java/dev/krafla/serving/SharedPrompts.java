package dev.krafla.serving;

import dev.krafla.engine.SharedPrefixes;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.GenerationOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts whose KV all tenants may share, as beginnings of one model's prompts. */
public final class SharedPrompts {
  private SharedPrompts() {}

  /**
   * Declares each of {@code texts} twice: as the system message that begins a chat, as the model's
   * template writes it, and as the beginning of a completion.
   *
   * @throws dev.krafla.models.ChatTemplateException when the template takes no system message
   */
  public static SharedPrefixes of(ServedModel served, List<String> texts) {
    var prefixes = new ArrayList<int[]>();
    var prompt = new ChatPrompt(served);
    for (String text : texts) {
      prefixes.add(served.tokenizer().encode(text, true, true));
      if (served.model().chatTemplate().isPresent()) {
        prefixes.add(chat(served, prompt, text));
      }
    }
    return SharedPrefixes.of(prefixes);
  }

  /** The tokens before a user's first word: those that do not depend on it. */
  private static int[] chat(ServedModel served, ChatPrompt prompt, String system) {
    int[] one = prompt.tokenize(prompt.render(asked(served, system, "a")));
    int[] other = prompt.tokenize(prompt.render(asked(served, system, "Z")));
    int differ = Arrays.mismatch(one, other);
    return differ < 0 ? one : Arrays.copyOf(one, differ);
  }

  private static ChatRequest asked(ServedModel served, String system, String user) {
    return ChatRequest.of(
        served.id(),
        List.of(ChatMessage.system(system), ChatMessage.user(user)),
        GenerationOptions.DEFAULTS);
  }
}
