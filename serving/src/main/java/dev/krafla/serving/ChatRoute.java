package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.engine.Request;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.Usage;
import dev.krafla.models.output.OutputFormat;
import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatCompletion;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.TokenUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}. */
final class ChatRoute implements Route {
  private final ServedModel served;
  private final Engine engine;
  private final ChatPlan.Planner planner;
  private final Logprobs logprobs;
  private final WorkerMetrics metrics;

  ChatRoute(ServedModel served, Engine engine, WorkerMetrics metrics) {
    this.served = served;
    this.engine = engine;
    this.planner = new ChatPlan.Planner(served);
    this.logprobs = new Logprobs(served.tokenizer());
    this.metrics = metrics;
  }

  @Override
  public void handle(Call call) {
    RequestTimes times = metrics.begin();
    ChatRequest chat = ChatRequest.parse(call.body());
    served.check(chat.model());
    HandOffRequests.check(chat.options(), chat.stream(), 1);
    ChatPlan plan = planner.plan(chat, engine.maxSequenceTokens());
    served.checkTokens("logit_bias", tokenIds(chat));
    Request request = plan.request().withTerms(CallTerms.of(call, chat.options()));
    Usages usages = Usages.of(call, request.terms().serviceClass());
    try (TokenStream tokens = engine.submit(request)) {
      call.connection().whenGone(tokens::close);
      var answers = new Answers(call, chat, plan, usages);
      if (chat.stream()) {
        answers.stream(tokens, times);
      } else {
        answers.whole(tokens, times);
      }
    } finally {
      call.connection().forget();
    }
  }

  private static int[] tokenIds(ChatRequest chat) {
    return chat.options().logitBias().keySet().stream().mapToInt(Integer::intValue).toArray();
  }

  /** The answers to one request. */
  private final class Answers {
    private final Call call;
    private final ChatRequest chat;
    private final Usages usages;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final List<ChatAnswer> answers = new ArrayList<>();

    Answers(Call call, ChatRequest chat, ChatPlan plan, Usages usages) {
      this.call = call;
      this.usages = usages;
      this.chat = chat;
      this.id = "chatcmpl-" + call.id();
      Supplier<String> callIds =
          planner.format() == OutputFormat.MISTRAL ? Ids::shortToolCall : Ids::toolCall;
      int maxCalls = chat.parallelToolCalls() ? Integer.MAX_VALUE : 1;
      for (int i = 0; i < chat.options().choices(); i++) {
        boolean withLogprobs = chat.topLogprobs().isPresent();
        answers.add(new ChatAnswer(i, plan.parsers().get(), callIds, maxCalls, withLogprobs));
      }
    }

    void whole(TokenStream tokens, RequestTimes times) {
      for (TokenEvent event : tokens) {
        take(event, times);
      }
      call.connection().requireClient();
      Usage usage = tokens.usage();
      times.end(usage);
      List<ChatCompletion.Choice> choices = answers.stream().map(ChatAnswer::whole).toList();
      call.json(
          new ChatCompletion(
                  id,
                  created,
                  served.id(),
                  choices,
                  usages.toWire(usage),
                  tokens.lent().map(HandOffRequests::toWire))
              .toJson());
    }

    void stream(TokenStream tokens, RequestTimes times) {
      EventStream events = call.events();
      for (TokenEvent event : tokens) {
        List<ChatChunk.Choice> pieces = take(event, times);
        for (ChatChunk.Choice piece : pieces) {
          events.add(chunk(List.of(piece), Optional.empty()));
        }
        if (!pieces.isEmpty() && event.finish().isEmpty()) {
          events.flush();
        }
      }
      call.connection().requireClient();
      Usage usage = tokens.usage();
      times.end(usage);
      if (chat.includeUsage()) {
        events.add(chunk(List.of(), Optional.of(usages.toWire(usage))));
      }
      events.done();
    }

    private List<ChatChunk.Choice> take(TokenEvent event, RequestTimes times) {
      times.token(event.choice(), event);
      return answers.get(event.choice()).add(event, logprobs.of(event));
    }

    private ObjectNode chunk(List<ChatChunk.Choice> choices, Optional<TokenUsage> usage) {
      return new ChatChunk(id, created, served.id(), choices, usage).toJson(chat.includeUsage());
    }
  }
}
