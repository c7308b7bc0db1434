package dev.krafla.bench;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.TokenMask;
import dev.krafla.engine.constrain.ConstraintCompiler;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What output held to a JSON schema costs, on a vocabulary of 50,000 tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class ConstraintBenchmark {
  private static final String SCHEMA =
      """
      {"type":"object","properties":{
        "title":{"type":"string"},
        "year":{"type":"integer","minimum":1900,"maximum":2100},
        "genre":{"type":"string","enum":["drama","comedy","documentary"]},
        "cast":{"type":"array","items":{"type":"object","properties":{
          "name":{"type":"string"},"role":{"type":["string","null"]}},
          "required":["name","role"],"additionalProperties":false}}},
       "required":["title","year","genre","cast"],"additionalProperties":false}\
      """;
  private static final String DOCUMENT =
      """
      {"title": "The mountain that hummed at night", "year": 2026, "genre": "documentary", \
      "cast": [{"name": "Sigríður Jónsdóttir", "role": "herself"}, \
      {"name": "the wind", "role": null}]}\
      """;

  private final SyntheticTokenizer tokenizer = new SyntheticTokenizer(50_000);
  private final int[] document = tokenizer.encode(DOCUMENT, false, false);
  private final long[] allowed = new long[(tokenizer.vocabSize() + 63) / 64];
  private ConstraintCompiler compiler;
  private TokenMask mask;
  private int at;
  private int schemas;

  @Setup
  public void compile() {
    compiler = new ConstraintCompiler(tokenizer);
    mask = compiler.start(new Constraint.JsonSchema(SCHEMA));
  }

  /** The mask of one token and the step past it, on a schema that was walked before. */
  @Benchmark
  public long[] maskOfOneToken() {
    if (at == document.length) {
      if (!mask.complete()) {
        throw new IllegalStateException("the document is whole, but the mask does not say so");
      }
      mask = compiler.start(new Constraint.JsonSchema(SCHEMA));
      at = 0;
    }
    step(mask, document[at++]);
    return allowed;
  }

  /** A schema never seen before: compiled, and walked along a whole document. */
  @Benchmark
  public boolean newSchemaAndDocument() {
    String schema = SCHEMA.replace("\"title\"", "\"title%d\"".formatted(schemas));
    String text = DOCUMENT.replace("\"title\"", "\"title%d\"".formatted(schemas));
    schemas++;
    TokenMask fresh = compiler.start(new Constraint.JsonSchema(schema));
    for (int token : tokenizer.encode(text, false, false)) {
      step(fresh, token);
    }
    if (!fresh.complete()) {
      throw new IllegalStateException("the document is whole, but the mask does not say so");
    }
    return fresh.complete();
  }

  private void step(TokenMask walker, int token) {
    walker.allowed(allowed);
    if ((allowed[token >> 6] >>> token & 1) == 0) {
      throw new IllegalStateException(
          "token %d (%s) of a valid document is masked out"
              .formatted(token, tokenizer.decode(new int[] {token}, false)));
    }
    walker.accept(token);
  }
}
