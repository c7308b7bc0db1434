package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferRole;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import dev.krafla.models.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Prompts that one worker computes and another goes on with, on real networks: tokens and log
 * probabilities are the same bits as those of one worker alone.
 */
class HandOffModelsTest {
  private static final Path MODELS =
      Path.of("..", "models", "src", "test", "resources", "golden", "models");

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "gemma3"})
  void tinyModelsAnswerTheSameBits(String model) {
    LoadOptions options = LoadOptions.defaults().withMaxContext(128).withMaxBatchRows(256);
    try (Kernels kernels = KernelTiers.open("scalar", 1);
        CausalLm one = ModelLoader.loadLm(MODELS.resolve(model), kernels, options);
        CausalLm other = ModelLoader.loadLm(MODELS.resolve(model), kernels, options)) {
      var random = new SplittableRandom(3);
      List<Request> requests = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int[] prompt = random.ints(1 + random.nextInt(70), 1, one.info().vocabSize()).toArray();
        SamplingParams sampling =
            i % 2 == 0 ? SamplingParams.GREEDY : SamplingParams.temperature(1).withSeed(i);
        requests.add(
            Request.of(prompt, 16)
                .withSampling(sampling)
                .withTopLogprobs(3)
                .withIgnoreEndTokens(true));
      }
      for (KvType type : List.of(KvType.F32, KvType.F16)) {
        long bytes = KvCache.blockBytes(one.kvShape(), type) * 256;
        EngineConfig config = EngineConfig.DEFAULTS.withKvType(type).withKvBytes(bytes);
        assertSame(one, other, new FakeTokenizer(), config, requests);
      }
    }
  }

  @Test
  void theDemosModelAnswersTheSameGreedyTokens() {
    try (Kernels kernels = KernelTiers.best(1);
        LoadedModel one = ModelLoader.load(PulledModel.smolLm2(), kernels);
        LoadedModel other = ModelLoader.load(PulledModel.smolLm2(), kernels)) {
      assumeThat(kernels.batchInvariant()).as("bit for bit on this tier").isTrue();
      Tokenizer tokenizer = one.tokenizer();
      List<Request> requests = new ArrayList<>();
      for (String text :
          List.of(
              "The three largest volcanoes of Iceland are",
              "Once upon a time, ".repeat(20),
              "def fibonacci(n):\n")) {
        requests.add(Request.of(tokenizer.encode(text, true, false), 24).withTopLogprobs(0));
      }
      EngineConfig config = EngineConfig.DEFAULTS.withKvBytes(64L << 20);
      assertSame(one.lm(), other.lm(), tokenizer, config, requests);
    }
  }

  private static void assertSame(
      CausalLm one,
      CausalLm other,
      Tokenizer tokenizer,
      EngineConfig config,
      List<Request> requests) {
    List<List<TokenEvent>> alone = new ArrayList<>();
    try (Engine engine = Engine.start(one, tokenizer, config)) {
      requests.forEach(request -> alone.add(events(engine.submit(request))));
    }
    var lend = TransferConfig.of(TransferRole.PREFILL);
    var take = TransferConfig.of(TransferRole.DECODE);
    try (Engine prefill = Engine.start(one, tokenizer, config.withTransfer(lend));
        Engine decode = Engine.start(other, tokenizer, config.withTransfer(take))) {
      for (int i = 0; i < requests.size(); i++) {
        Request request = requests.get(i);
        TokenStream prompt =
            prefill.submit(Request.of(request.prompt(), 1).withHandOff(new HandOff.Lend()));
        events(prompt);
        RemoteKv remote = prompt.lent().orElseThrow();
        assertThat(events(decode.submit(request.withHandOff(new HandOff.Take(remote)))))
            .as("request %d", i)
            .isEqualTo(alone.get(i));
      }
      assertThat(decode.stats().handOffs().pulling().failures()).isEmpty();
      assertThat(decode.stats().handOffs().pulling().pulled()).isEqualTo(requests.size());
    }
  }

  private static List<TokenEvent> events(TokenStream stream) {
    try (stream) {
      List<TokenEvent> events = new ArrayList<>();
      stream.forEach(events::add);
      return events;
    }
  }
}
