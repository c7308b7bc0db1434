package dev.krafla.bench;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.Request;
import dev.krafla.engine.SamplingParams;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.TokenMask;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.constrain.ConstraintCompiler;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * What constrained output adds to the time of a token, in a running engine with a real model: the
 * same prompt with and without a schema, A B A B, for as many tokens. Speculation is off: it would
 * guess more of one than of the other. Arguments: MODEL, and how many answers run at once. Columns:
 * time of a token without and with the constraint, the mask's own share of it, the same on a
 * constraint never seen before, and what its first use adds to the first token.
 */
public final class ConstrainedDecode {
  private static final int ROUNDS = 9;
  private static final int TOKENS = 120;

  private static final String PERSON =
      """
      {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},
       "email":{"type":["string","null"]}},"required":["name","age","email"],
       "additionalProperties":false}\
      """;

  private static final String ORDER =
      """
      {"type":"object","additionalProperties":false,"required":["id","state","lines","total"],
       "properties":{"id":{"type":"string","pattern":"^[A-Z]{2}-\\\\d{6}$"},
        "state":{"enum":["new","paid","sent","returned"]},"note":{"type":["string","null"]},
        "total":{"type":"number","minimum":0,"maximum":100000},
        "lines":{"type":"array","minItems":9,"maxItems":20,"items":{"type":"object",
          "properties":{"sku":{"type":"string","minLength":3,"maxLength":24},
            "count":{"type":"integer","minimum":1,"maximum":999},"gift":{"type":"boolean"}},
          "required":["sku","count","gift"],"additionalProperties":false}}}}\
      """;

  private static final String TREE =
      """
      {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{
        "label":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},
        "required":["label","children"],"additionalProperties":false}}}\
      """;

  private ConstrainedDecode() {}

  public static void main(String[] args) {
    int together = Integer.parseInt(args[1]);
    try (Kernels kernels = KernelTiers.best(Runtime.getRuntime().availableProcessors());
        LoadedModel model = ModelLoader.load(Path.of(args[0]), kernels);
        Engine engine = Engine.start(model, EngineConfig.DEFAULTS.withMaxDraftTokens(0))) {
      System.out.printf(
          "%s, %s, %d at once%n%-18s %11s %11s %7s %11s %11s %12s%n",
          model.lm().info().name(),
          kernels.tier(),
          together,
          "constraint",
          "free µs/tok",
          "held µs/tok",
          "adds %",
          "mask µs",
          "new mask µs",
          "first use ms");
      constraints().forEach((name, c) -> measure(engine, model, name, c, together));
    }
  }

  private static Map<String, Constraint> constraints() {
    Map<String, Constraint> all = new LinkedHashMap<>();
    all.put("a person", new Constraint.JsonSchema(PERSON));
    all.put("an order", new Constraint.JsonSchema(ORDER));
    all.put("a tree", new Constraint.JsonSchema(TREE));
    all.put("any JSON", new Constraint.AnyJson());
    all.put("a list of words", new Constraint.Regex("([a-z]{2,12}, ){40,60}end"));
    return all;
  }

  private static void measure(
      Engine engine, LoadedModel model, String name, Constraint constraint, int together) {
    int[] prompt = model.tokenizer().encode("Write a long example of " + name + ":\n", true, false);
    Request free =
        Request.of(prompt, TOKENS)
            .withSampling(SamplingParams.temperature(1))
            .withIgnoreEndTokens(true);
    Request held = free.withConstraint(constraint);
    run(engine, free, together);
    double cold = run(engine, held, together).firstMillis;
    double warm = run(engine, held, together).firstMillis;
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    List<int[]> answers = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      without.add(run(engine, free, together).microsPerToken);
      with.add(run(engine, held, together).microsPerToken);
      answers.add(read(engine, held.withSampling(SamplingParams.temperature(1))).tokens);
    }
    ConstraintCompiler compiler = new ConstraintCompiler(model.tokenizer());
    microsOfMask(compiler, model, constraint, answers);
    System.out.printf(
        "%-18s %11.0f %11.0f %7.1f %11.1f %11.1f %12.1f%n",
        name,
        median(without),
        median(with),
        100 * (median(with) / median(without) - 1),
        microsOfMask(compiler, model, constraint, answers),
        microsOfMask(new ConstraintCompiler(model.tokenizer()), model, constraint, answers),
        cold - warm);
  }

  /**
   * One answer, or the mean of several.
   *
   * @param microsPerToken mean time between its tokens
   * @param firstMillis from its request to its first token
   */
  private record Round(double microsPerToken, double firstMillis, int[] tokens) {}

  private static Round run(Engine engine, Request request, int together) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Round>> answers = new ArrayList<>();
      for (int i = 0; i < together; i++) {
        Request own = request.withSampling(request.sampling().withSeed(i + 1));
        answers.add(threads.submit(() -> read(engine, own)));
      }
      double micros = 0;
      double first = 0;
      for (Future<Round> answer : answers) {
        micros += answer.get().microsPerToken / together;
        first = Math.max(first, answer.get().firstMillis);
      }
      return new Round(micros, first, new int[0]);
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Round read(Engine engine, Request request) {
    long begin = System.nanoTime();
    long first = 0;
    long last = 0;
    IntStream.Builder tokens = IntStream.builder();
    int count = 0;
    try (TokenStream stream = engine.submit(request)) {
      for (TokenEvent event : stream) {
        last = System.nanoTime();
        first = count++ == 0 ? last : first;
        tokens.add(event.token());
      }
    }
    return new Round(
        (last - first) / 1e3 / Math.max(1, count - 1),
        (first - begin) / 1e6,
        tokens.build().filter(token -> token >= 0).toArray());
  }

  /**
   * Mean time of the mask alone along {@code answers}, in processor time: others do not disturb.
   */
  private static double microsOfMask(
      ConstraintCompiler compiler, LoadedModel model, Constraint constraint, List<int[]> answers) {
    var threads = ManagementFactory.getThreadMXBean();
    long[] allowed = new long[(model.lm().info().vocabSize() + 63) / 64];
    long nanos = 0;
    int count = 0;
    for (int[] answer : answers) {
      TokenMask mask = compiler.start(constraint);
      long begin = threads.getCurrentThreadCpuTime();
      for (int token : answer) {
        mask.allowed(allowed);
        mask.accept(token);
      }
      nanos += threads.getCurrentThreadCpuTime() - begin;
      count += answer.length;
    }
    return nanos / 1e3 / count;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
