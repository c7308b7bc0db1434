package dev.krafla.bench;

import dev.krafla.engine.DraftModel;
import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.EngineStats;
import dev.krafla.engine.Request;
import dev.krafla.engine.SamplingParams;
import dev.krafla.engine.TokenStream;
import dev.krafla.kernels.ComputePool;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.ModelLoader;
import dev.krafla.models.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a draft model saves, beside no guesses and guesses from the text, in turn in one process.
 * Arguments: MODEL, COST, NOISE, answers at once, tokens of each, temperature, threads, rounds.
 *
 * <p>Simulated, as no two real models with one tokenizer are on hand: a pass of the large model is
 * COST passes of MODEL, each of which writes the same keys, values and logits, so that it is as
 * costly as a model COST times as large and says what MODEL says; and the draft model is MODEL once
 * more, to whose logits normal noise of deviation NOISE is added, so that it errs.
 */
public final class DraftDecode {
  private static final List<String> PROMPTS =
      List.of(
          "<|im_start|>user\nWhat is a volcano, and how does it erupt?<|im_end|>\n<|im_start|>assistant\n",
          "<|im_start|>user\nWrite a short story about a fox.<|im_end|>\n<|im_start|>assistant\n",
          "<|im_start|>user\nHow do I bake bread?<|im_end|>\n<|im_start|>assistant\n",
          "<|im_start|>user\nName five rivers of Europe.<|im_end|>\n<|im_start|>assistant\n");

  private enum Way {
    NONE,
    TEXT,
    MODEL
  }

  private final CausalLm lm;
  private final Tokenizer tokenizer;
  private final DraftModel draft;
  private final int users;
  private final int tokens;
  private final float temperature;

  private DraftDecode(
      CausalLm lm,
      Tokenizer tokenizer,
      DraftModel draft,
      int users,
      int tokens,
      float temperature) {
    this.lm = lm;
    this.tokenizer = tokenizer;
    this.draft = draft;
    this.users = users;
    this.tokens = tokens;
    this.temperature = temperature;
  }

  public static void main(String[] args) {
    int cost = Integer.parseInt(args[1]);
    LoadOptions options = LoadOptions.defaults().withMaxContext(2048);
    try (Kernels kernels = KernelTiers.best(Integer.parseInt(args[6]));
        LoadedModel model = ModelLoader.load(Path.of(args[0]), kernels, options);
        LoadedModel small = ModelLoader.load(Path.of(args[0]), kernels, options)) {
      var bench =
          new DraftDecode(
              new SimulatedLm(model.lm(), cost, 0),
              model.tokenizer(),
              new DraftModel(
                  new SimulatedLm(small.lm(), 1, Float.parseFloat(args[2])), small.tokenizer()),
              Integer.parseInt(args[3]),
              Integer.parseInt(args[4]),
              Float.parseFloat(args[5]));
      System.out.printf(
          "%s × %d, noise %s, %s, %s answers of %s tokens at temperature %s%n%-6s %9s %9s %9s %9s%n",
          model.lm().info().name(),
          cost,
          args[2],
          kernels.tier(),
          args[3],
          args[4],
          args[5],
          "guess",
          "tokens/s",
          "steps",
          "guessed",
          "true");
      bench.measure(Integer.parseInt(args[7]));
    }
  }

  private record Sample(double tokensPerSecond, EngineStats stats) {}

  private void measure(int rounds) {
    Map<Way, List<Sample>> samples = new EnumMap<>(Way.class);
    List<List<Integer>> expected = List.of();
    for (int round = -1; round < rounds; round++) { // the first warms up
      for (Way way : Way.values()) {
        List<List<Integer>> answers = new ArrayList<>();
        Sample sample = run(way, answers);
        if (expected.isEmpty()) {
          expected = answers;
        }
        if (temperature == 0 && !answers.equals(expected)) {
          throw new IllegalStateException("greedy answers differ with guesses: " + way);
        }
        if (round >= 0) {
          samples.computeIfAbsent(way, w -> new ArrayList<>()).add(sample);
        }
      }
    }
    samples.forEach((way, of) -> {
      double[] rates = of.stream().mapToDouble(Sample::tokensPerSecond).sorted().toArray();
      EngineStats stats = of.getLast().stats;
      System.out.printf(
          "%-6s %9.1f %9d %9d %9d   (%s)%n",
          way,
          rates[rates.length / 2],
          stats.steps(),
          stats.draftTokens(),
          stats.acceptedTokens(),
          Arrays.toString(Arrays.stream(rates).mapToInt(r -> (int) r).toArray()));
    });
  }

  private Sample run(Way way, List<List<Integer>> answers) {
    EngineConfig config = EngineConfig.DEFAULTS.withKvBytes(512L << 20);
    config = way == Way.NONE ? config.withMaxDraftTokens(0) : config;
    config = way == Way.MODEL ? config.withDraftModel(draft) : config;
    try (Engine engine = Engine.start(lm, tokenizer, config)) {
      long start = System.nanoTime();
      List<TokenStream> streams = new ArrayList<>();
      for (int i = 0; i < users; i++) {
        int[] prompt = tokenizer.encode(PROMPTS.get(i % PROMPTS.size()), true, true);
        streams.add(
            engine.submit(
                Request.of(prompt, tokens)
                    .withIgnoreEndTokens(true)
                    .withSampling(SamplingParams.temperature(temperature))));
      }
      for (TokenStream stream : streams) {
        List<Integer> answer = new ArrayList<>();
        stream.forEach(event -> answer.add(event.token()));
        answers.add(answer);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Sample(users * tokens / seconds, engine.stats());
    }
  }

  /**
   * A model whose passes take as long as {@code cost} of those inside, with noise in its logits.
   */
  private record SimulatedLm(CausalLm lm, int cost, float noise) implements CausalLm {
    @Override
    public ModelInfo info() {
      return lm.info();
    }

    @Override
    public KvShape kvShape() {
      return lm.kvShape();
    }

    @Override
    public String arithmetic() {
      return lm.arithmetic();
    }

    @Override
    public ComputePool pool() {
      return lm.pool();
    }

    @Override
    public void forward(Batch batch, KvCache kv, Tensor logits) {
      for (int i = 0; i < cost; i++) {
        lm.forward(batch, kv, logits);
      }
      for (int i = 0; noise > 0 && i < batch.logitCount(); i++) {
        var random = new Random(batch.tokens()[batch.logitRows()[i]]);
        for (int token = 0; token < logits.cols(); token++) {
          logits.set(i, token, logits.get(i, token) + noise * (float) random.nextGaussian());
        }
      }
    }

    @Override
    public void hidden(Batch batch, KvCache kv, Tensor out) {
      lm.hidden(batch, kv, out);
    }

    @Override
    public void close() {
      lm.close();
    }
  }
}
