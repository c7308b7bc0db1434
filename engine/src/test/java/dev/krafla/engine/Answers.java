package dev.krafla.engine;

import dev.krafla.engine.sample.CounterRandom;
import dev.krafla.engine.sample.Sampler;
import dev.krafla.engine.sample.TokenCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads streams to their end, and computes what {@link FakeLm} must have answered. */
final class Answers {
  private Answers() {}

  /** One finished choice. */
  record Answer(List<Integer> tokens, String text, Optional<FinishReason> finish) {}

  /** All choices of {@code stream}, read to its end and closed. */
  static List<Answer> read(TokenStream stream, int choices) {
    var tokens = new ArrayList<List<Integer>>();
    var texts = new ArrayList<StringBuilder>();
    var finishes = new ArrayList<Optional<FinishReason>>();
    for (int c = 0; c < choices; c++) {
      tokens.add(new ArrayList<>());
      texts.add(new StringBuilder());
      finishes.add(Optional.empty());
    }
    try (stream) {
      for (TokenEvent event : stream) {
        if (finishes.get(event.choice()).isPresent()) {
          throw new AssertionError("an event after the end of choice " + event.choice());
        }
        if (event.token() != TokenEvent.NO_TOKEN) {
          tokens.get(event.choice()).add(event.token());
        }
        texts.get(event.choice()).append(event.text());
        finishes.set(event.choice(), event.finish());
      }
    }
    var answers = new ArrayList<Answer>();
    for (int c = 0; c < choices; c++) {
      answers.add(new Answer(tokens.get(c), texts.get(c).toString(), finishes.get(c)));
    }
    return answers;
  }

  static Answer readOne(TokenStream stream) {
    return read(stream, 1).getFirst();
  }

  /** What the fake model answers, by a loop without engine, cache or batch. */
  static Answer expected(Request request, int choice, int maxSequenceTokens) {
    SamplingParams sampling = request.sampling();
    var sampler = new Sampler(FakeLm.VOCAB);
    var tokenizer = new FakeTokenizer();
    var all = new ArrayList<Integer>();
    for (int token : request.prompt()) {
      all.add(token);
    }
    var counts = new TokenCounts();
    counts.addPrompt(request.prompt());
    var drawn = new ArrayList<Integer>();
    var text = new StringBuilder();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(FakeLm.VOCAB * 4L, 64);
      while (true) {
        FakeLm.logitsAfter(all, row);
        double u = CounterRandom.uniform(sampling.seed().orElse(0), choice, drawn.size());
        int token = sampler.draw(row, sampling, counts, null, u);
        all.add(token);
        drawn.add(token);
        counts.addDrawn(token);
        if (token == FakeTokenizer.END && !request.ignoreEndTokens()) {
          return new Answer(drawn, text.toString(), Optional.of(FinishReason.STOP));
        }
        text.append(tokenizer.decode(new int[] {token}, true));
        int stop = firstStop(text, request.stop());
        if (stop >= 0) {
          return new Answer(drawn, text.substring(0, stop), Optional.of(FinishReason.STOP));
        }
        if (drawn.size() == request.maxTokens() || all.size() == maxSequenceTokens) {
          return new Answer(drawn, text.toString(), Optional.of(FinishReason.LENGTH));
        }
      }
    }
  }

  /** Where the stop string begins that is complete first, of those the longest; -1 for none. */
  private static int firstStop(CharSequence text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      int from = Integer.MAX_VALUE;
      for (String stop : stops) {
        if (text.subSequence(0, end).toString().endsWith(stop)) {
          from = Math.min(from, end - stop.length());
        }
      }
      if (from != Integer.MAX_VALUE) {
        return from;
      }
    }
    return -1;
  }
}
