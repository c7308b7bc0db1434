package dev.krafla.serving.replica;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Samples of Prometheus' text format 0.0.4, as far as a router needs them. Lines that are not of
 * the format are left out: a server's strange metric is no reason not to route to it.
 *
 * @param samples in the order of the text
 */
record PrometheusText(List<Sample> samples) {
  /** One line. */
  record Sample(String name, Map<String, String> labels, double value) {
    Sample {
      labels = Map.copyOf(labels);
    }
  }

  PrometheusText {
    samples = List.copyOf(samples);
  }

  static PrometheusText parse(String text) {
    List<Sample> samples = new ArrayList<>();
    text.lines().forEach(line -> parseLine(line).ifPresent(samples::add));
    return new PrometheusText(samples);
  }

  /** The sum over all label sets of {@code name}; empty where there is none. */
  OptionalDouble sum(String name) {
    double sum = 0;
    boolean any = false;
    for (Sample sample : samples) {
      if (sample.name.equals(name) && Double.isFinite(sample.value)) {
        sum += sample.value;
        any = true;
      }
    }
    return any ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  /** The largest over all label sets of {@code name}; empty where there is none. */
  OptionalDouble max(String name) {
    return samples.stream()
        .filter(s -> s.name.equals(name) && Double.isFinite(s.value))
        .mapToDouble(Sample::value)
        .max();
  }

  /** The first sample of {@code name}. */
  Optional<Sample> first(String name) {
    return samples.stream().filter(s -> s.name.equals(name)).findFirst();
  }

  private static Optional<Sample> parseLine(String line) {
    if (line.isEmpty() || line.charAt(0) == '#') {
      return Optional.empty();
    }
    int brace = line.indexOf('{');
    int space = line.indexOf(' ');
    Map<String, String> labels = new HashMap<>();
    int end = space;
    if (brace >= 0 && (space < 0 || brace < space)) {
      end = labels(line, brace + 1, labels);
    }
    if (end < 0) {
      return Optional.empty();
    }
    String name = line.substring(0, brace >= 0 && brace < end ? brace : end);
    String rest = line.substring(end).strip(); // the value, and maybe a time
    int blank = rest.indexOf(' ');
    try {
      return Optional.of(
          new Sample(name, labels, number(blank < 0 ? rest : rest.substring(0, blank))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /** Reads labels from {@code at}; returns where the value begins, or −1. */
  private static int labels(String line, int at, Map<String, String> into) {
    int i = at;
    while (i < line.length()) {
      if (line.charAt(i) == '}') {
        return i + 1;
      }
      int equal = line.indexOf("=\"", i);
      if (equal < 0) {
        return -1;
      }
      var value = new StringBuilder();
      int end = quoted(line, equal + 2, value);
      if (end < 0) {
        return -1;
      }
      into.put(line.substring(i, equal).strip(), value.toString());
      i = end < line.length() && line.charAt(end) == ',' ? end + 1 : end;
    }
    return -1;
  }

  /** Reads up to the closing quote; returns what comes after it, or −1. */
  private static int quoted(String line, int at, StringBuilder into) {
    for (int i = at; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        return i + 1;
      }
      if (c == '\\' && i + 1 < line.length()) {
        i++;
        c = line.charAt(i) == 'n' ? '\n' : line.charAt(i);
      }
      into.append(c);
    }
    return -1;
  }
}
