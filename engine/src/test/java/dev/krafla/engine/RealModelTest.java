package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo's model on the fastest tier of this machine; skipped where it was not pulled. */
class RealModelTest {
  private static final EngineConfig CONFIG = EngineConfig.DEFAULTS.withKvBytes(256L << 20);

  private static int[] chat(LoadedModel model, String question) {
    String prompt = "<|im_start|>user\n%s<|im_end|>\n<|im_start|>assistant\n".formatted(question);
    return model.tokenizer().encode(prompt, false, true);
  }

  @Test
  void answersMakeSenseAndAreTheSameInABatchWithinTheTiersBounds() {
    try (Kernels kernels = KernelTiers.best(2);
        LoadedModel model = ModelLoader.load(PulledModel.smolLm2(), kernels);
        Engine engine = Engine.start(model, CONFIG)) {
      List<Request> requests = new ArrayList<>();
      for (String city : List.of("France", "Italy", "Germany", "Japan")) {
        for (String form : List.of("What is the capital of %s?", "Name the capital of %s.")) {
          requests.add(Request.of(chat(model, form.formatted(city)), 30).withTopLogprobs(0));
        }
      }
      List<List<TokenEvent>> alone = new ArrayList<>();
      for (Request request : requests) {
        alone.add(events(engine.submit(request)));
      }
      assertThat(text(alone.getFirst())).contains("Paris");
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      for (int i = 0; i < streams.size(); i++) {
        assertClose(events(streams.get(i)), alone.get(i), kernels.batchInvariant());
      }
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  /** Equal where the tier promises it; else log probabilities stay near while tokens agree. */
  private static void assertClose(
      List<TokenEvent> actual, List<TokenEvent> expected, boolean exact) {
    if (exact) {
      assertThat(actual).isEqualTo(expected);
      return;
    }
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      if (actual.get(i).token() != expected.get(i).token()) {
        return;
      }
      assertThat(actual.get(i).logprob().orElseThrow().value())
          .isCloseTo(expected.get(i).logprob().orElseThrow().value(), within(0.1f));
    }
  }

  @Test
  void aConstraintHoldsForEveryAnswerOfARequest() {
    try (Kernels kernels = KernelTiers.best(2);
        LoadedModel model = ModelLoader.load(PulledModel.smolLm2(), kernels);
        Engine engine = Engine.start(model, CONFIG);
        TokenStream stream =
            engine.submit(
                Request.of(chat(model, "What colour is the sky?"), 40)
                    .withSampling(SamplingParams.temperature(1.5f).withSeed(3))
                    .withChoices(4)
                    .withConstraint(new Constraint.Regex("(blue|grey), [0-9]{2} percent")))) {
      String[] texts = {"", "", "", ""};
      for (TokenEvent event : stream) {
        texts[event.choice()] += event.text();
      }
      assertThat(texts).allMatch(text -> text.matches("(blue|grey), [0-9]{2} percent"));
    }
  }

  private static List<TokenEvent> events(TokenStream stream) {
    try (stream) {
      List<TokenEvent> events = new ArrayList<>();
      stream.forEach(events::add);
      return events;
    }
  }

  private static String text(List<TokenEvent> events) {
    var text = new StringBuilder();
    events.forEach(event -> text.append(event.text()));
    return text.toString();
  }
}
