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
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * What constrained output adds to the time of a token, in a running engine with a real model: the
 * same prompt with and without a constraint, in turn, and each free answer as long as the held one
 * before it, so that both sit at the same positions. Times are processor time of the engine's
 * thread, which draws, masks and computes. Speculation is off: it would guess more of one than of
 * the other. Arguments: MODEL, how many answers run at once, compute threads. Columns: mean length
 * of an answer, time of a token without and with the constraint, the mask's own share of it, the
 * same on a constraint never seen before, and what its first use adds to the first token.
 */
public final class ConstrainedDecode {
  private static final int ROUNDS = 15;
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

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final LoadedModel model;
  private final Engine engine;
  private final int together;
  private final long engineThread;

  private ConstrainedDecode(LoadedModel model, Engine engine, int together) {
    this.model = model;
    this.engine = engine;
    this.together = together;
    this.engineThread =
        Arrays.stream(threads.dumpAllThreads(false, false))
            .filter(thread -> thread.getThreadName().equals("krafla-engine"))
            .findFirst()
            .orElseThrow()
            .getThreadId();
  }

  public static void main(String[] args) {
    int together = Integer.parseInt(args[1]);
    try (Kernels kernels = KernelTiers.best(Integer.parseInt(args[2]));
        LoadedModel model = ModelLoader.load(Path.of(args[0]), kernels);
        Engine engine = Engine.start(model, EngineConfig.DEFAULTS.withMaxDraftTokens(0))) {
      System.out.printf(
          "%s, %s, %d at once%n%-16s %6s %11s %11s %7s %8s %11s %12s%n",
          model.lm().info().name(),
          kernels.tier(),
          together,
          "constraint",
          "tokens",
          "free µs/tok",
          "held µs/tok",
          "adds %",
          "mask µs",
          "new mask µs",
          "first use ms");
      var bench = new ConstrainedDecode(model, engine, together);
      constraints().forEach(bench::measure);
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

  private void measure(String name, Constraint constraint) {
    int[] prompt = model.tokenizer().encode("Write a long example of " + name + ":\n", true, false);
    Request held =
        Request.of(prompt, TOKENS)
            .withSampling(SamplingParams.temperature(1))
            .withIgnoreEndTokens(true)
            .withConstraint(constraint);
    double cold = pair(held, 0).held().firstMillis();
    double warm = pair(held, 0).held().firstMillis();
    List<Pair> pairs = IntStream.rangeClosed(1, ROUNDS).mapToObj(seed -> pair(held, seed)).toList();
    List<int[]> answers = pairs.stream().flatMap(pair -> pair.held().answers().stream()).toList();
    ConstraintCompiler compiler = new ConstraintCompiler(model.tokenizer());
    microsOfMask(compiler, constraint, answers);
    double free = median(pairs.stream().map(pair -> pair.free().microsPerToken()).toList());
    double adds = median(pairs.stream().map(Pair::adds).toList());
    System.out.printf(
        "%-16s %6.0f %11.0f %11.0f %7.1f %8.1f %11.1f %12.1f%n",
        name,
        answers.stream().mapToInt(tokens -> tokens.length).average().orElseThrow(),
        free,
        free + adds,
        100 * adds / free,
        microsOfMask(compiler, constraint, answers),
        microsOfMask(new ConstraintCompiler(model.tokenizer()), constraint, answers),
        cold - warm);
  }

  /** Answers under the constraint, and as many free ones, each of them as long. */
  private record Pair(Round free, Round held) {
    /** Microseconds that the constraint adds to the time of a token. */
    double adds() {
      return held.microsPerToken - free.microsPerToken;
    }
  }

  private Pair pair(Request held, int seed) {
    List<Request> asked =
        IntStream.range(0, together)
            .mapToObj(i -> held.withSampling(held.sampling().withSeed(seed * 1000 + i)))
            .toList();
    Round first = run(asked);
    List<Request> free =
        IntStream.range(0, together)
            .mapToObj(i ->
                Request.of(held.prompt(), first.answers().get(i).length)
                    .withSampling(asked.get(i).sampling())
                    .withIgnoreEndTokens(true))
            .toList();
    return new Pair(run(free), first);
  }

  /**
   * Answers that ran at once.
   *
   * @param microsPerToken processor time of the engine's thread for a token of one of them
   * @param firstMillis from the request to the last of the first tokens
   */
  private record Round(double microsPerToken, double firstMillis, List<int[]> answers) {}

  private Round run(List<Request> requests) {
    long before = threads.getThreadCpuTime(engineThread);
    List<Answer> answers = new ArrayList<>();
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> running =
          requests.stream().map(request -> readers.submit(() -> read(request))).toList();
      for (Future<Answer> answer : running) {
        answers.add(answer.get());
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    double nanos = threads.getThreadCpuTime(engineThread) - before;
    int tokens = answers.stream().mapToInt(answer -> answer.tokens().length).sum();
    return new Round(
        nanos / 1e3 / tokens,
        answers.stream().mapToDouble(Answer::firstMillis).max().orElseThrow(),
        answers.stream().map(Answer::tokens).toList());
  }

  private record Answer(double firstMillis, int[] tokens) {}

  private Answer read(Request request) {
    long begin = System.nanoTime();
    long first = 0;
    IntStream.Builder tokens = IntStream.builder();
    try (TokenStream stream = engine.submit(request)) {
      for (TokenEvent event : stream) {
        first = first == 0 ? System.nanoTime() : first;
        tokens.add(event.token());
      }
    }
    return new Answer((first - begin) / 1e6, tokens.build().filter(token -> token >= 0).toArray());
  }

  /**
   * Mean time of the mask alone along {@code answers}, in processor time: others do not disturb.
   */
  private double microsOfMask(
      ConstraintCompiler compiler, Constraint constraint, List<int[]> answers) {
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
