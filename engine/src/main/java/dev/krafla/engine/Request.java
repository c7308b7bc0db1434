package dev.krafla.engine;

import dev.krafla.engine.transfer.HandOff;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A prompt to be continued. Immutable; built with {@link #of} and the {@code with…} methods.
 *
 * @param prompt token ids; not changed by anyone after submit
 * @param maxTokens most tokens to draw per choice; the context's end limits it too
 * @param stop strings that end an answer and are not part of it
 * @param choices how many answers ("n")
 * @param topLogprobs absent: no logprobs; 0: the drawn token's only; k: the k likeliest too
 * @param ignoreEndTokens go on past end tokens (benchmarks)
 * @param showSpecial write control tokens out in the text, as parsers of tool calls need it; end
 *     tokens that end the answer are never written
 * @param constraint what the output must match
 * @param cacheSalt requests share cached prefixes only within one salt of one tenant, but for what
 *     the operator has declared: {@link SharedPrefixes}
 * @param terms whose it is, and how soon it is wanted
 * @param handOff what another worker does of it; absent: nothing
 */
public record Request(
    int[] prompt,
    SamplingParams sampling,
    int maxTokens,
    List<String> stop,
    int choices,
    Optional<Integer> topLogprobs,
    boolean ignoreEndTokens,
    boolean showSpecial,
    Optional<Constraint> constraint,
    String cacheSalt,
    RequestTerms terms,
    Optional<HandOff> handOff) {

  /** Most stop strings a request may have. */
  public static final int MAX_STOP_STRINGS = 16;

  /** Most answers a request may ask for. */
  public static final int MAX_CHOICES = 64;

  public Request {
    stop = List.copyOf(stop);
    if (prompt.length == 0) {
      throw new InvalidRequest("prompt", "the prompt has no tokens; send at least one");
    }
    if (maxTokens < 1) {
      throw new InvalidRequest(
          "max_tokens", "max_tokens is %d; it must be 1 or more".formatted(maxTokens));
    }
    if (stop.size() > MAX_STOP_STRINGS || stop.stream().anyMatch(String::isEmpty)) {
      throw new InvalidRequest(
          "stop", "stop takes up to %d non-empty strings".formatted(MAX_STOP_STRINGS));
    }
    if (choices < 1 || choices > MAX_CHOICES) {
      throw new InvalidRequest("n", "n is %d; it must be 1 to %d".formatted(choices, MAX_CHOICES));
    }
    if (topLogprobs.isPresent() && (topLogprobs.get() < 0 || topLogprobs.get() > 20)) {
      throw new InvalidRequest(
          "top_logprobs", "top_logprobs is %d; it must be 0 to 20".formatted(topLogprobs.get()));
    }
  }

  /** A greedy request for up to {@code maxTokens} tokens. */
  public static Request of(int[] prompt, int maxTokens) {
    return new Request(
        prompt,
        SamplingParams.GREEDY,
        maxTokens,
        List.of(),
        1,
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        "",
        RequestTerms.DEFAULTS,
        Optional.empty());
  }

  public Request withSampling(SamplingParams sampling) {
    return with(c -> c.sampling = sampling);
  }

  public Request withStop(List<String> stop) {
    return with(c -> c.stop = stop);
  }

  public Request withChoices(int choices) {
    return with(c -> c.choices = choices);
  }

  public Request withTopLogprobs(int topLogprobs) {
    return with(c -> c.topLogprobs = Optional.of(topLogprobs));
  }

  public Request withIgnoreEndTokens(boolean ignoreEndTokens) {
    return with(c -> c.ignoreEndTokens = ignoreEndTokens);
  }

  public Request withShowSpecial(boolean showSpecial) {
    return with(c -> c.showSpecial = showSpecial);
  }

  public Request withConstraint(Constraint constraint) {
    return with(c -> c.constraint = Optional.of(constraint));
  }

  public Request withCacheSalt(String cacheSalt) {
    return with(c -> c.cacheSalt = cacheSalt);
  }

  public Request withTerms(RequestTerms terms) {
    return with(c -> c.terms = terms);
  }

  public Request withHandOff(HandOff handOff) {
    return with(c -> c.handOff = Optional.of(handOff));
  }

  private Request with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.made();
  }

  /** The components, to be changed one at a time. */
  private static final class Draft {
    int[] prompt;
    SamplingParams sampling;
    int maxTokens;
    List<String> stop;
    int choices;
    Optional<Integer> topLogprobs;
    boolean ignoreEndTokens;
    boolean showSpecial;
    Optional<Constraint> constraint;
    String cacheSalt;
    RequestTerms terms;
    Optional<HandOff> handOff;

    Draft(Request from) {
      prompt = from.prompt;
      sampling = from.sampling;
      maxTokens = from.maxTokens;
      stop = from.stop;
      choices = from.choices;
      topLogprobs = from.topLogprobs;
      ignoreEndTokens = from.ignoreEndTokens;
      showSpecial = from.showSpecial;
      constraint = from.constraint;
      cacheSalt = from.cacheSalt;
      terms = from.terms;
      handOff = from.handOff;
    }

    Request made() {
      return new Request(
          prompt,
          sampling,
          maxTokens,
          stop,
          choices,
          topLogprobs,
          ignoreEndTokens,
          showSpecial,
          constraint,
          cacheSalt,
          terms,
          handOff);
    }
  }
}
