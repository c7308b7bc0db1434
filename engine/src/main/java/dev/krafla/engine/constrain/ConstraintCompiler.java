package dev.krafla.engine.constrain;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.InvalidRequest;
import dev.krafla.engine.TokenMask;
import dev.krafla.models.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns constraints into token masks for one tokenizer. Compiled constraints are kept, the least
 * recently used leave first, and shared by all answers under them. Thread-safe; compiling takes
 * some milliseconds, so it belongs on the thread that submits a request and not on the engine's.
 */
public final class ConstraintCompiler {
  private static final int MAX_KEPT = 256;
  private static final long MAX_KEPT_BYTES = 256L << 20;
  private static final int MAX_CHOICES = 10_000;

  private final Tokenizer tokenizer;
  private final Map<Constraint, Entry> kept = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Vocabulary vocabulary;

  public ConstraintCompiler(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The mask of a new answer.
   *
   * @throws InvalidRequest when the constraint is malformed, or asks for what cannot be enforced
   */
  public TokenMask start(Constraint constraint) {
    Entry entry;
    synchronized (kept) {
      entry = kept.computeIfAbsent(constraint, Entry::new);
    }
    try {
      return entry.compiled().start();
    } catch (RuntimeException e) {
      synchronized (kept) {
        kept.remove(constraint, entry);
      }
      throw e;
    } finally {
      evict();
    }
  }

  private void evict() {
    synchronized (kept) {
      long bytes = kept.values().stream().mapToLong(Entry::bytes).sum();
      Iterator<Entry> oldest = kept.values().iterator();
      while (oldest.hasNext()
          && kept.size() > 1
          && (kept.size() > MAX_KEPT || bytes > MAX_KEPT_BYTES)) {
        bytes -= oldest.next().bytes();
        oldest.remove();
      }
    }
  }

  private synchronized Vocabulary vocabulary() {
    if (vocabulary == null) {
      vocabulary = new Vocabulary(tokenizer);
    }
    return vocabulary;
  }

  /** Compiles once, however many requests bring the constraint at the same time. */
  private final class Entry {
    private final Constraint constraint;
    private volatile @Nullable CompiledConstraint compiled;

    Entry(Constraint constraint) {
      this.constraint = constraint;
    }

    synchronized CompiledConstraint compiled() {
      CompiledConstraint known = compiled;
      if (known == null) {
        known = new CompiledConstraint(nfa(constraint), vocabulary());
        compiled = known;
      }
      return known;
    }

    /** Without waiting for a compilation that is under way. */
    long bytes() {
      CompiledConstraint known = compiled;
      return known == null ? 0 : known.bytes();
    }
  }

  /** The automaton of a constraint. */
  static Nfa nfa(Constraint constraint) {
    var builder = new NfaBuilder();
    int rule = builder.rule();
    int start = builder.start(rule);
    int end = builder.end(rule);
    switch (constraint) {
      case Constraint.AnyJson() -> new JsonRules(builder).object(start, end);
      case Constraint.JsonSchema(String schema) -> SchemaCompiler.draw(schema, builder, start, end);
      case Constraint.Regex(String pattern) ->
          builder.regex(start, RegexParser.parseWhole(pattern), false, end);
      case Constraint.Choice(List<String> options) -> choices(options, builder, start, end);
    }
    Nfa nfa = builder.build(rule);
    if (nfa.height(start) > Nfa.MAX_DEPTH) {
      throw new InvalidRequest(
          "response_format",
          "no text can match the constraint: it contradicts itself or never ends; check required"
              + " properties that refer back to their own schema, and empty classes or enums");
    }
    return nfa;
  }

  private static void choices(List<String> options, NfaBuilder builder, int start, int end) {
    if (options.isEmpty() || options.size() > MAX_CHOICES) {
      throw new InvalidRequest(
          "response_format",
          "the constraint has %d choices; it must have 1 to %,d"
              .formatted(options.size(), MAX_CHOICES));
    }
    for (String option : options) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(option)) {
        throw new InvalidRequest(
            "response_format",
            "a choice has half a surrogate pair, which no text can have; send whole characters");
      }
      builder.literal(start, option, end);
    }
  }
}
