package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.engine.FinishReason;
import dev.krafla.engine.Request;
import dev.krafla.engine.RequestTerms;
import dev.krafla.engine.TokenEvent;
import dev.krafla.wire.ChatLogprob;
import dev.krafla.wire.CompletionRequest;
import dev.krafla.wire.Prompt;
import dev.krafla.wire.TextCompletion;
import dev.krafla.wire.TextCompletion.Choice;
import dev.krafla.wire.TextLogprobs;
import dev.krafla.wire.TokenUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/completions}: continues raw prompts. */
final class CompletionRoute implements Route {
  /** OpenAI's default. */
  private static final int DEFAULT_MAX_TOKENS = 16;

  private final ServedModel served;
  private final Engine engine;
  private final Logprobs logprobs;
  private final WorkerMetrics metrics;

  CompletionRoute(ServedModel served, Engine engine, WorkerMetrics metrics) {
    this.served = served;
    this.engine = engine;
    this.logprobs = new Logprobs(served.tokenizer());
    this.metrics = metrics;
  }

  @Override
  public void handle(Call call) {
    RequestTimes times = metrics.begin();
    CompletionRequest completion = CompletionRequest.parse(call.body());
    served.check(completion.model());
    HandOffRequests.check(completion.options(), completion.stream(), completion.prompts().size());
    RequestTerms terms = CallTerms.of(call, completion.options());
    List<Request> requests =
        completion.prompts().stream().map(p -> plan(completion, p).withTerms(terms)).toList();
    Usages usages = Usages.of(call, terms.serviceClass());
    try (PromptStreams streams = PromptStreams.submit(engine, requests)) {
      call.connection().whenGone(streams::close);
      var answers = new Answers(call, completion, streams, times, usages);
      if (completion.stream()) {
        answers.stream();
      } else {
        answers.whole();
      }
    } finally {
      call.connection().forget();
    }
  }

  private Request plan(CompletionRequest completion, Prompt prompt) {
    return EngineRequests.of(
        tokens(prompt),
        completion.options(),
        DEFAULT_MAX_TOKENS,
        completion.logprobs(),
        EngineRequests.constraint(completion.format()));
  }

  /** As llama.cpp's server has it: special tokens as the metadata says, and those in the text. */
  private int[] tokens(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String text) -> served.tokenizer().encode(text, true, true);
      case Prompt.Tokens(int[] ids) -> {
        served.checkTokens("prompt", ids);
        yield ids;
      }
    };
  }

  private String echo(Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String text) -> text;
      case Prompt.Tokens(int[] ids) -> served.tokenizer().decode(ids, true);
    };
  }

  /** One answer as it grows. */
  private static final class Answer {
    private final StringBuilder text = new StringBuilder();
    private final List<ChatLogprob> logprobs = new ArrayList<>();
    private int sentLogprobs;
    private int sentCharacters;
    private Optional<String> finishReason = Optional.empty();

    /** Log probabilities that have not been given yet. */
    Optional<TextLogprobs> fresh() {
      if (sentLogprobs == logprobs.size()) {
        return Optional.empty();
      }
      List<ChatLogprob> fresh = List.copyOf(logprobs.subList(sentLogprobs, logprobs.size()));
      var result = new TextLogprobs(fresh, sentCharacters);
      sentCharacters += fresh.stream().mapToInt(l -> l.token().length()).sum();
      sentLogprobs = logprobs.size();
      return Optional.of(result);
    }
  }

  /** The answers to one request: n for each prompt, in the prompts' order. */
  private final class Answers {
    private final Call call;
    private final CompletionRequest completion;
    private final PromptStreams streams;
    private final RequestTimes times;
    private final Usages usages;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final List<Answer> answers = new ArrayList<>();

    Answers(
        Call call,
        CompletionRequest completion,
        PromptStreams streams,
        RequestTimes times,
        Usages usages) {
      this.usages = usages;
      this.call = call;
      this.completion = completion;
      this.streams = streams;
      this.times = times;
      this.id = "cmpl-" + call.id();
      int count = completion.prompts().size() * completion.options().choices();
      for (int i = 0; i < count; i++) {
        answers.add(new Answer());
      }
    }

    private int index(int prompt, TokenEvent event) {
      return prompt * completion.options().choices() + event.choice();
    }

    private Answer take(TokenEvent event, int index) {
      times.token(index, event);
      Answer answer = answers.get(index);
      logprobs.of(event).ifPresent(answer.logprobs::add);
      answer.finishReason = event.finish().map(Answers::reason);
      return answer;
    }

    private static String reason(FinishReason finish) {
      return switch (finish) {
        case STOP -> "stop";
        case LENGTH -> "length";
        case ABORTED -> "abort";
      };
    }

    void whole() {
      streams.forEach(
          (event, prompt) -> take(event, index(prompt, event)).text.append(event.text()));
      finish();
      List<Choice> choices = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        Answer answer = answers.get(i);
        String text = opening(i) + answer.text;
        choices.add(new Choice(i, text, answer.finishReason, answer.fresh()));
      }
      var usage = Optional.of(usages.toWire(streams.usages()));
      var lent = streams.lent().map(HandOffRequests::toWire);
      call.json(new TextCompletion(id, created, served.id(), choices, usage, lent).toJson());
    }

    void stream() {
      EventStream events = call.events();
      if (completion.echo()) {
        for (int i = 0; i < answers.size(); i++) {
          String text = opening(i);
          events.add(chunk(new Choice(i, text, Optional.empty(), Optional.empty())));
        }
      }
      streams.forEach((event, prompt) -> {
        int index = index(prompt, event);
        Answer answer = take(event, index);
        if (!event.text().isEmpty() || event.finish().isPresent()) {
          events.add(chunk(new Choice(index, event.text(), answer.finishReason, answer.fresh())));
          events.flush();
        }
      });
      finish();
      if (completion.includeUsage()) {
        events.add(body(List.of(), Optional.of(usages.toWire(streams.usages()))).toJson());
      }
      events.done();
    }

    private void finish() {
      call.connection().requireClient();
      streams.usages().forEach(times::end);
    }

    private String opening(int index) {
      int prompt = index / completion.options().choices();
      return completion.echo() ? echo(completion.prompts().get(prompt)) : "";
    }

    private ObjectNode chunk(Choice choice) {
      return body(List.of(choice), Optional.empty()).toJson();
    }

    private TextCompletion body(List<Choice> choices, Optional<TokenUsage> usage) {
      return new TextCompletion(id, created, served.id(), choices, usage, Optional.empty());
    }
  }
}
