package dev.krafla.wire;

import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Body of {@code POST /v1/completions}.
 *
 * @param model empty for the server's own
 * @param prompts one or more; each gets {@code n} answers
 * @param echo begin each answer with its prompt
 * @param logprobs absent: none; k: the drawn token's and the k likeliest
 */
public record CompletionRequest(
    String model,
    List<Prompt> prompts,
    boolean echo,
    OptionalInt logprobs,
    OutputFormat format,
    GenerationOptions options,
    boolean stream,
    boolean includeUsage) {
  public CompletionRequest {
    prompts = List.copyOf(prompts);
  }

  /**
   * Reads a body.
   *
   * @throws InvalidBody naming the field that is missing, wrong or not supported
   */
  public static CompletionRequest parse(ObjectNode json) {
    Fields body = Fields.of(json);
    GenerationOptions options = GenerationOptions.parse(body);
    body.refuse("suffix", v -> v.isString() && v.stringValue().isEmpty(), "send a prompt only");
    body.refuse("best_of", v -> isChoices(v, options.choices()), "use n");
    boolean echo = body.bool("echo").orElse(false);
    OptionalInt logprobs = body.integer("logprobs");
    if (echo && logprobs.isPresent()) {
      throw body.invalid("echo", "cannot be joined with logprobs: prompts have none here");
    }
    return new CompletionRequest(
        body.string("model").orElse(""),
        Prompt.parse(body, "prompt"),
        echo,
        logprobs,
        OutputFormat.parse(body),
        options,
        body.bool("stream").orElse(false),
        ChatRequest.includeUsage(body));
  }

  private static boolean isChoices(JsonNode value, int choices) {
    return Fields.isInt(value) && value.intValue() == choices;
  }
}
