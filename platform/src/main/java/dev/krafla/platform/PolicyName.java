package dev.krafla.platform;

import dev.krafla.serving.route.Policy;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a routing policy. */
final class PolicyName implements ITypeConverter<Policy> {
  @Override
  public Policy convert(String text) {
    for (Policy policy : Policy.values()) {
      if (policy.word().equals(text)) {
        return policy;
      }
    }
    String words =
        Arrays.stream(Policy.values()).map(Policy::word).collect(Collectors.joining(", "));
    throw new TypeConversionException("'%s' is not one of %s".formatted(text, words));
  }
}
