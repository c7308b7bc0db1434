package dev.krafla.platform.bench;

/** What is measured; prompts are random tokens, and nothing is cached between two runs. */
public sealed interface BenchTest {
  /** As in reports: {@code pp512}, {@code tg128}, {@code batch8}. */
  String name();

  /** How many sequences run together. */
  int sequences();

  /** Tokens of one sequence, prompt and answer together. */
  int sequenceTokens();

  /**
   * A prompt computed with an empty cache; llama-bench's pp. Counts {@code tokens} ÷ time to the
   * first token of output.
   */
  record Prefill(int tokens) implements BenchTest {
    @Override
    public String name() {
      return "pp" + tokens;
    }

    @Override
    public int sequences() {
      return 1;
    }

    @Override
    public int sequenceTokens() {
      return tokens + 1;
    }
  }

  /**
   * Tokens drawn one by one after a prompt of a single token; llama-bench's tg. Counts {@code
   * tokens} ÷ time from submit to end, which is as many forward passes.
   */
  record Decode(int tokens) implements BenchTest {
    @Override
    public String name() {
      return "tg" + tokens;
    }

    @Override
    public int sequences() {
      return 1;
    }

    @Override
    public int sequenceTokens() {
      return tokens + 1;
    }
  }

  /**
   * Sequences decoding together, each after a prompt of its own; the S_TG of llama-batched-bench.
   * Counts all tokens drawn after every sequence had its first ÷ the time that took.
   */
  record Together(int sequences, int promptTokens, int tokens) implements BenchTest {
    public Together {
      if (tokens < 2) {
        throw new IllegalArgumentException(
            "tokens=%d; nothing is left to time after each sequence's first".formatted(tokens));
      }
    }

    @Override
    public String name() {
      return "batch" + sequences;
    }

    @Override
    public int sequenceTokens() {
      return promptTokens + tokens;
    }
  }
}
