package dev.krafla.serving;

import dev.krafla.engine.RequestWork;
import dev.krafla.engine.ServiceClass;
import dev.krafla.engine.Usage;
import dev.krafla.wire.TokenUsage;
import dev.krafla.wire.UsageDetails;
import java.util.List;
import java.util.Optional;

/**
 * The engine's account of a request in the wire's form: for all its prompts together, and in full
 * where the client asked so.
 *
 * @param details the class to tell, where the account is to be full
 */
record Usages(Optional<ServiceClass> details) {
  static final String HEADER = "X-Krafla-Usage";

  /** As {@code call} wants it: in full with {@code X-Krafla-Usage: full}. */
  static Usages of(Call call, ServiceClass serviceClass) {
    Optional<String> wish = call.header(HEADER);
    if (wish.isPresent() && !wish.get().equals("full")) {
      throw Refused.invalid(
          HEADER, "%s is '%s'; leave it out, or say full".formatted(HEADER, wish.get()));
    }
    return new Usages(wish.map(_ -> serviceClass));
  }

  TokenUsage toWire(Usage usage) {
    return toWire(List.of(usage));
  }

  TokenUsage toWire(List<Usage> usages) {
    return new TokenUsage(
        usages.stream().mapToInt(Usage::promptTokens).sum(),
        usages.stream().mapToInt(Usage::outputTokens).sum(),
        usages.stream().mapToInt(Usage::cachedTokens).sum(),
        details.map(c -> details(usages, c)));
  }

  private static UsageDetails details(List<Usage> usages, ServiceClass serviceClass) {
    RequestWork work = usages.stream().map(Usage::work).reduce(RequestWork.NONE, RequestWork::plus);
    int cached = usages.stream().mapToInt(Usage::cachedTokens).sum();
    int loaded = usages.stream().mapToInt(Usage::loadedTokens).sum();
    return new UsageDetails(
        cached - loaded,
        loaded,
        work.computedTokens(),
        work.draftTokens(),
        work.acceptedTokens(),
        usages.stream().mapToLong(u -> u.queued().toNanos()).sum() / 1e9,
        work.compute().toNanos() / 1e9,
        work.bytesMoved(),
        usages.stream().mapToInt(Usage::preemptions).sum(),
        serviceClass.label());
  }
}
