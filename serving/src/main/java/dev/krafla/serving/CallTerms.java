package dev.krafla.serving;

import dev.krafla.engine.RequestTerms;
import dev.krafla.engine.ServiceClass;
import dev.krafla.wire.GenerationOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whose a call is, and how urgent. A gateway says it in headers, which clients behind it do not
 * set; a client says how urgent it is in OpenAI's {@code service_tier} or vLLM's {@code priority}.
 * The header counts before the tier, the tier before the priority.
 */
final class CallTerms {
  static final String CLASS_HEADER = "X-Krafla-Class";
  static final String TENANT_HEADER = "X-Krafla-Tenant";
  static final String FIRST_TOKEN_HEADER = "X-Krafla-First-Token-Ms";

  private static final String TENANT_NAME = "[\\x21-\\x7e]{1,128}";
  private static final String MILLIS = "[0-9]{1,9}";

  private CallTerms() {}

  static RequestTerms of(Call call, GenerationOptions options) {
    RequestTerms terms =
        RequestTerms.DEFAULTS
            .withId(call.id())
            .withTenant(tenant(call))
            .withServiceClass(serviceClass(call, options));
    return firstToken(call).map(terms::withFirstToken).orElse(terms);
  }

  private static String tenant(Call call) {
    Optional<String> name = call.header(TENANT_HEADER);
    if (name.isPresent() && !name.get().matches(TENANT_NAME)) {
      throw Refused.invalid(
          TENANT_HEADER, TENANT_HEADER + " must be 1 to 128 printable ASCII characters");
    }
    return name.orElse("");
  }

  private static ServiceClass serviceClass(Call call, GenerationOptions options) {
    Optional<String> header = call.header(CLASS_HEADER);
    if (header.isPresent()) {
      return named(header.get());
    }
    Optional<String> tier = options.serviceTier().filter(t -> !t.equals("auto"));
    if (tier.isPresent()) {
      return switch (tier.get()) {
        case "priority" -> ServiceClass.INTERACTIVE;
        case "flex" -> ServiceClass.BATCH;
        default -> ServiceClass.NORMAL;
      };
    }
    int priority = options.priority().orElse(0);
    return priority < 0
        ? ServiceClass.INTERACTIVE
        : priority > 0 ? ServiceClass.BATCH : ServiceClass.NORMAL;
  }

  private static ServiceClass named(String name) {
    return Arrays.stream(ServiceClass.values())
        .filter(c -> c.label().equals(name))
        .findFirst()
        .orElseThrow(() ->
            Refused.invalid(
                CLASS_HEADER,
                "%s is '%s'; it must be one of %s"
                    .formatted(
                        CLASS_HEADER,
                        name,
                        Arrays.stream(ServiceClass.values())
                            .map(ServiceClass::label)
                            .collect(Collectors.joining(", ")))));
  }

  private static Optional<Duration> firstToken(Call call) {
    Optional<String> millis = call.header(FIRST_TOKEN_HEADER);
    if (millis.isPresent() && !millis.get().matches(MILLIS)) {
      throw Refused.invalid(
          FIRST_TOKEN_HEADER,
          "%s is '%s'; it must be a whole number of milliseconds"
              .formatted(FIRST_TOKEN_HEADER, millis.get()));
    }
    return millis.map(m -> Duration.ofMillis(Long.parseLong(m)));
  }
}
