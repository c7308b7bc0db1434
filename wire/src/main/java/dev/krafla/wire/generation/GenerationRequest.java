package dev.krafla.wire.generation;

import dev.krafla.wire.ToolChoice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a client asks of a model, whatever wire it speaks.
 *
 * @param model its public name, or the provider's once a route was chosen
 * @param messages in order, system instructions among them
 * @param stream whether the answer comes in pieces
 * @param extras what the client's wire has and this vocabulary does not interpret
 */
public record GenerationRequest(
    String model,
    List<Message> messages,
    Tools tools,
    AnswerFormat format,
    Reasoning reasoning,
    Sampling sampling,
    Limits limits,
    Terms terms,
    boolean stream,
    Extras extras) {
  public GenerationRequest {
    messages = List.copyOf(messages);
  }

  /**
   * What the model may call.
   *
   * @param parallel whether several calls may come at once; absent: as the server likes
   */
  public record Tools(List<GenerationTool> offered, ToolChoice choice, Optional<Boolean> parallel) {
    /** No tools. */
    public static final Tools NONE = new Tools(List.of(), new ToolChoice.Auto(), Optional.empty());

    public Tools {
      offered = List.copyOf(offered);
    }
  }

  /** How tokens are drawn; what is absent has the server's default. */
  public record Sampling(
      Optional<Double> temperature,
      Optional<Double> topP,
      OptionalInt topK,
      Optional<Double> frequencyPenalty,
      Optional<Double> presencePenalty,
      Optional<Long> seed) {
    /** The server's defaults throughout. */
    public static final Sampling DEFAULT =
        new Sampling(
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
  }

  /**
   * Where an answer ends at the latest.
   *
   * @param maxTokens of the answer, thoughts included
   * @param stop strings that end it and are not part of it
   */
  public record Limits(OptionalInt maxTokens, List<String> stop) {
    /** None but the model's own. */
    public static final Limits NONE = new Limits(OptionalInt.empty(), List.of());

    public Limits {
      stop = List.copyOf(stop);
    }
  }

  /**
   * Whose request it is and how urgent: changes no answer.
   *
   * @param endUser an opaque id of the person behind the client
   * @param labels the client's own, returned with a stored answer
   * @param serviceClass auto, default, flex, priority or batch, as OpenAI's {@code service_tier}
   */
  public record Terms(
      Optional<String> endUser, Map<String, String> labels, Optional<String> serviceClass) {
    /** Nothing said. */
    public static final Terms NONE = new Terms(Optional.empty(), Map.of(), Optional.empty());

    public Terms {
      labels = Map.copyOf(labels);
    }
  }

  /** This request to another model. */
  public GenerationRequest withModel(String newModel) {
    return new GenerationRequest(
        newModel, messages, tools, format, reasoning, sampling, limits, terms, stream, extras);
  }

  /** This request, answered in pieces or whole. */
  public GenerationRequest withStream(boolean streamed) {
    return new GenerationRequest(
        model, messages, tools, format, reasoning, sampling, limits, terms, streamed, extras);
  }
}
