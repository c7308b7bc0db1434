package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.route.ModelLimits;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Target;
import dev.krafla.wire.generation.Usage;
import java.util.List;

/** What a request can take at most, and what it took. */
final class Cost {
  /** A file of a page and more: no model has been seen to make more tokens of its bytes. */
  private static final long BYTES_PER_MEDIA_TOKEN = 8;

  /** Of texts whose tokens nobody has counted. */
  private static final long BYTES_PER_TOKEN = 4;

  private Cost() {}

  /** The most over {@code targets}. */
  static Estimate most(Ask ask, List<Target> targets, Pricing pricing) {
    long prompt = 0;
    long completion = 0;
    long nanodollars = 0;
    for (Target target : targets) {
      long in = mostPrompt(ask, target.limits());
      long out = mostCompletion(ask, target.limits());
      prompt = Math.max(prompt, in);
      completion = Math.max(completion, out);
      nanodollars = Math.max(nanodollars, pricing.most(target, in, out));
    }
    return new Estimate(ask.model(), prompt, completion, nanodollars);
  }

  /** What it can cost at {@code target}. */
  static long most(Ask ask, Target target, Pricing pricing) {
    return pricing.most(
        target, mostPrompt(ask, target.limits()), mostCompletion(ask, target.limits()));
  }

  /**
   * A token is a byte or more of text, and what a chat template adds to a message is less than its
   * braces and names in JSON. No prompt is longer than the model's context.
   */
  private static long mostPrompt(Ask ask, ModelLimits limits) {
    long text = ask.body().length - ask.mediaBytes();
    long media = ask.media() * limits.mediaTokens() + ask.mediaBytes() / BYTES_PER_MEDIA_TOKEN;
    long kept = ask.continues() ? limits.contextTokens() : 0;
    return Math.min(limits.contextTokens(), text + media + kept);
  }

  private static long mostCompletion(Ask ask, ModelLimits limits) {
    if (ask.endpoint() == Endpoint.EMBEDDINGS) {
      return 0;
    }
    long each = ask.maxTokens().orElse(limits.maxOutputTokens());
    return Math.multiplyExact(Math.min(each, limits.contextTokens()), ask.answers());
  }

  /** What the provider counted, at the prices of the day. */
  static Spending spent(Target target, Usage usage, Pricing pricing) {
    return new Spending(
        target.provider().name(),
        target.model(),
        usage.promptTokens(),
        usage.cachedTokens(),
        usage.completionTokens(),
        usage.reasoningTokens(),
        pricing.of(target, usage.promptTokens(), usage.cachedTokens(), usage.completionTokens()));
  }

  /**
   * What an answer took whose provider did not say, or that was broken off.
   *
   * @param pieces of it that came, each about a token
   */
  static Usage guessed(Ask ask, long pieces) {
    long text = (ask.body().length - ask.mediaBytes()) / BYTES_PER_TOKEN;
    return new Usage(Math.max(1, text), 0, 0, pieces, 0);
  }
}
