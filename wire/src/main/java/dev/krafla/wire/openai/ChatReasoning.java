package dev.krafla.wire.openai;

import dev.krafla.wire.Fields;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Reasoning;
import dev.krafla.wire.generation.Reasoning.Amount;
import dev.krafla.wire.generation.Reasoning.Level;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;

/** The spellings of reasoning on chat completions: all are read, a dialect's own is written. */
final class ChatReasoning {
  private static final String NONE = "none";

  private ChatReasoning() {}

  static Reasoning read(Fields body) {
    Optional<Fields> object = body.object("reasoning");
    Optional<String> show =
        object
            .flatMap(o -> o.bool("exclude"))
            .filter(excluded -> excluded)
            .map(excluded -> "omitted");
    Amount amount =
        effort(body, "reasoning_effort")
            .or(() -> object.flatMap(ChatReasoning::fromObject))
            .or(() -> body.object("thinking").flatMap(ChatReasoning::fromThinking))
            .or(() -> fromEnable(body))
            .orElseGet(Reasoning.Unsaid::new);
    return new Reasoning(amount, show);
  }

  private static Optional<Amount> fromObject(Fields reasoning) {
    return effort(reasoning, "effort")
        .or(() -> budget(reasoning, "max_tokens"))
        .or(() -> reasoning.bool("enabled").map(ChatReasoning::onOrOff));
  }

  private static Optional<Amount> fromThinking(Fields thinking) {
    String type = thinking.string("type").orElse("enabled");
    return switch (type) {
      case "disabled" -> Optional.of(new Reasoning.Off());
      case "enabled" ->
          budget(thinking, "budget_tokens").or(() -> Optional.of(new Reasoning.Auto()));
      case "auto", "adaptive" -> Optional.of(new Reasoning.Auto());
      default ->
          throw thinking.invalid(
              "type", "is \"%s\"; it must be enabled, disabled or auto".formatted(type));
    };
  }

  private static Optional<Amount> fromEnable(Fields body) {
    Optional<Boolean> enabled = body.bool("enable_thinking");
    return enabled.filter(on -> !on).isPresent()
        ? Optional.of(new Reasoning.Off())
        : budget(body, "thinking_budget").or(() -> enabled.map(ChatReasoning::onOrOff));
  }

  private static Amount onOrOff(boolean on) {
    return on ? new Reasoning.Auto() : new Reasoning.Off();
  }

  private static Optional<Amount> budget(Fields fields, String name) {
    OptionalInt tokens = fields.integer(name);
    if (tokens.isEmpty()) {
      return Optional.empty();
    }
    if (tokens.getAsInt() < 0) {
      throw fields.invalid(name, "is %d; it must be 0 or more".formatted(tokens.getAsInt()));
    }
    return Optional.of(
        tokens.getAsInt() == 0 ? new Reasoning.Off() : new Reasoning.Budget(tokens.getAsInt()));
  }

  /** OpenAI's word, which the responses wire shares. */
  static Optional<Amount> effort(Fields fields, String name) {
    Optional<String> word = fields.string(name);
    if (word.isEmpty()) {
      return Optional.empty();
    }
    if (word.get().equals(NONE)) {
      return Optional.of(new Reasoning.Off());
    }
    for (Level level : Level.values()) {
      if (level.word().equals(word.get().toLowerCase(Locale.ROOT))) {
        return Optional.of(new Reasoning.Effort(level));
      }
    }
    throw fields.invalid(
        name,
        "is \"%s\"; it must be none, minimal, low, medium, high, xhigh or max"
            .formatted(word.get()));
  }

  /** Adds the field of the dialect. */
  static void write(ObjectNode body, Reasoning reasoning, ChatDialect dialect, Omissions left) {
    switch (dialect.thinking()) {
      case EFFORT -> word(reasoning.amount()).ifPresent(w -> body.put("reasoning_effort", w));
      case TYPE -> thinkingType(body, reasoning.amount(), "enabled", left);
      case TYPE_OR_AUTO -> {
        thinkingType(body, reasoning.amount(), "auto", new Omissions());
        positiveWord(reasoning.amount()).ifPresent(w -> body.put("reasoning_effort", w));
      }
      case ENABLE -> enable(body, reasoning.amount());
      case OBJECT -> object(body, reasoning);
      case TEMPLATE -> template(body, reasoning.amount());
    }
    if (dialect.thinking() != ChatDialect.Thinking.OBJECT) {
      left.addIf("reasoning.summary", reasoning.show());
    }
  }

  /** The effort that says {@code amount}; empty where the server's default does. */
  private static Optional<String> word(Amount amount) {
    return amount instanceof Reasoning.Off ? Optional.of(NONE) : positiveWord(amount);
  }

  private static Optional<String> positiveWord(Amount amount) {
    return switch (amount) {
      case Reasoning.Effort(Level level) -> Optional.of(level.word());
      case Reasoning.Budget(int tokens) -> Optional.of(Level.of(tokens).word());
      case Reasoning.Unsaid _, Reasoning.Off _, Reasoning.Auto _ -> Optional.empty();
    };
  }

  private static void thinkingType(ObjectNode body, Amount amount, String auto, Omissions left) {
    switch (amount) {
      case Reasoning.Unsaid _ -> {}
      case Reasoning.Off _ -> body.putObject("thinking").put("type", "disabled");
      case Reasoning.Auto _ -> body.putObject("thinking").put("type", auto);
      case Reasoning.Effort _, Reasoning.Budget _ -> {
        body.putObject("thinking").put("type", "enabled");
        left.add("reasoning effort"); // it thinks; how much is the model's to decide
      }
    }
  }

  private static void enable(ObjectNode body, Amount amount) {
    switch (amount) {
      case Reasoning.Unsaid _ -> {}
      case Reasoning.Off _ -> body.put("enable_thinking", false);
      case Reasoning.Auto _ -> body.put("enable_thinking", true);
      case Reasoning.Effort(Level level) ->
          body.put("enable_thinking", true).put("thinking_budget", level.tokens());
      case Reasoning.Budget(int tokens) ->
          body.put("enable_thinking", true).put("thinking_budget", tokens);
    }
  }

  private static void object(ObjectNode body, Reasoning reasoning) {
    if (reasoning.equals(Reasoning.UNSAID)) {
      return;
    }
    ObjectNode object = body.putObject("reasoning");
    switch (reasoning.amount()) {
      case Reasoning.Unsaid _ -> {}
      case Reasoning.Off _ -> object.put("enabled", false);
      case Reasoning.Auto _ -> object.put("enabled", true);
      case Reasoning.Effort(Level level) -> object.put("effort", level.word());
      case Reasoning.Budget(int tokens) -> object.put("max_tokens", tokens);
    }
    if (reasoning.show().filter("omitted"::equals).isPresent()) {
      object.put("exclude", true);
    }
  }

  private static void template(ObjectNode body, Amount amount) {
    if (amount instanceof Reasoning.Unsaid) {
      return;
    }
    body.withObjectProperty("chat_template_kwargs")
        .put("enable_thinking", !(amount instanceof Reasoning.Off));
    positiveWord(amount).ifPresent(w -> body.put("reasoning_effort", w));
  }
}
