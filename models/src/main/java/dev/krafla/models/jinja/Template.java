package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A compiled template. Immutable and thread-safe. */
public final class Template {
  /** Longer ones are no chat templates. */
  private static final int MAX_SOURCE = 1 << 20;

  private final List<Stmt> body;

  private Template(List<Stmt> body) {
    this.body = List.copyOf(body);
  }

  /**
   * Compiles {@code source}.
   *
   * @throws ChatTemplateException when it is no template; the message names the line
   */
  public static Template compile(String source) {
    if (source.length() > MAX_SOURCE) {
      throw new ChatTemplateException(
          "the chat template has %d characters; the limit is %d"
              .formatted(source.length(), MAX_SOURCE));
    }
    return new Template(StmtParser.parse(source));
  }

  /**
   * The text for {@code variables}, which are JSON values: String, Number, Boolean, List, Map,
   * null. They are copied, so that nothing the template does can change them.
   *
   * @param clock what {@code strftime_now} reads
   * @throws ChatTemplateException when the template raises, fails, or exceeds its limits
   */
  public String render(Map<String, ? extends @Nullable Object> variables, Clock clock) {
    Map<String, Object> values = new java.util.HashMap<>();
    variables.forEach((name, value) -> values.put(name, Values.of(value)));
    try {
      return new Interpreter(new Budget(Values.weight(values))).render(body, values, clock);
    } catch (StackOverflowError e) { // how much the caller has left is not known
      throw new ChatTemplateException(
          "the chat template is nested too deeply for the stack of this thread", e);
    }
  }
}
