package dev.krafla.platform;

import dev.krafla.engine.SchedulingPolicy;
import dev.krafla.engine.ServiceClass;
import dev.krafla.engine.ServiceLevel;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * Options that say what each class of requests may expect: {@code CLASS=VALUE}, comma-separated.
 */
final class SchedulingOptions {
  @Option(
      names = "--first-token-deadline",
      paramLabel = "CLASS=TIME",
      split = ",",
      converter = {ClassName.class, Deadline.class},
      description = {
        "Time to the first token, as interactive=2s,normal=30s; requests for which that is",
        "out of reach get status 429 or 503. Default: none, all wait."
      })
  private Map<ServiceClass, Optional<Duration>> firstToken = new EnumMap<>(ServiceClass.class);

  @Option(
      names = "--token-deadline",
      paramLabel = "CLASS=TIME",
      split = ",",
      converter = {ClassName.class, Deadline.class},
      description = {
        "Time between tokens while other prompts are computed, as interactive=30ms,batch=none.",
        "Default: interactive=50ms,normal=100ms,batch=none."
      })
  private Map<ServiceClass, Optional<Duration>> perToken = new EnumMap<>(ServiceClass.class);

  @Option(
      names = "--class-share",
      paramLabel = "CLASS=PART",
      split = ",",
      converter = {ClassName.class, Part.class},
      description = {
        "Part of the work that is a class's while it has some, whatever higher ones want.",
        "Default: normal=0.2,batch=0.05."
      })
  private Map<ServiceClass, Double> share = new EnumMap<>(ServiceClass.class);

  @Option(
      names = "--quantum-tokens",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = {
        "How many computed tokens a tenant may be ahead of another of its class.",
        "Default: ${DEFAULT-VALUE}."
      })
  private int quantumTokens = SchedulingPolicy.DEFAULTS.quantumTokens();

  /**
   * What was asked for.
   *
   * @throws UserError when a value is outside of what the engine takes
   */
  SchedulingPolicy policy() {
    try {
      SchedulingPolicy policy = SchedulingPolicy.DEFAULTS.withQuantumTokens(quantumTokens);
      policy = with(policy, firstToken, ServiceLevel::withFirstToken);
      policy = with(policy, perToken, ServiceLevel::withPerToken);
      return with(policy, share, ServiceLevel::withGuaranteedShare);
    } catch (IllegalArgumentException e) {
      throw new UserError("The engine cannot schedule so: " + e.getMessage(), e);
    }
  }

  private static <V> SchedulingPolicy with(
      SchedulingPolicy policy,
      Map<ServiceClass, V> values,
      BiFunction<ServiceLevel, V, ServiceLevel> change) {
    SchedulingPolicy changed = policy;
    for (var entry : values.entrySet()) {
      ServiceClass c = entry.getKey();
      changed = changed.withLevel(c, change.apply(changed.level(c), entry.getValue()));
    }
    return changed;
  }

  /** {@code interactive}, {@code normal} or {@code batch}. */
  static final class ClassName implements ITypeConverter<ServiceClass> {
    @Override
    public ServiceClass convert(String text) {
      return Arrays.stream(ServiceClass.values())
          .filter(c -> c.label().equals(text))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is not one of interactive, normal, batch".formatted(text)));
    }
  }

  /** {@code 50ms}, {@code 2s}, {@code 1m} or {@code none}. */
  static final class Deadline implements ITypeConverter<Optional<Duration>> {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s|m)");

    @Override
    public Optional<Duration> convert(String text) {
      if (text.equals("none")) {
        return Optional.empty();
      }
      Matcher time = TIME.matcher(text);
      if (!time.matches()) {
        throw new TypeConversionException(
            "'%s' is no time; write 50ms, 2s, 1m or none".formatted(text));
      }
      long amount = Long.parseLong(time.group(1));
      return Optional.of(
          switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
          });
    }
  }

  /** A number from 0 to 1. */
  static final class Part implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      try {
        return Double.valueOf(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'%s' is no number, as 0.05".formatted(text));
      }
    }
  }
}
