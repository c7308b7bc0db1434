package dev.krafla.gateway.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** A value in a YAML file, with its place for errors. */
final class YamlValue {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final Pattern BYTES = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB)?");

  private final String file;
  private final String name;
  private final Node node;

  private YamlValue(String file, String name, Node node) {
    this.file = file;
    this.name = name;
    this.node = node;
  }

  /**
   * Reads a whole file.
   *
   * @throws ConfigException when it is not YAML, or empty
   */
  static YamlValue read(String file, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setMaxAliasesForCollections(50).build();
    try {
      Node root =
          new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)))
              .getSingleNode()
              .orElseThrow(() -> new ConfigException(file, 0, 0, "the file is empty"));
      return new YamlValue(file, "the file", root);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> at = e.getProblemMark().or(e::getContextMark);
      throw new ConfigException(
          file,
          at.map(m -> m.getLine() + 1).orElse(0),
          at.map(m -> m.getColumn() + 1).orElse(0),
          "it is not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ConfigException(file, 0, 0, "it is not YAML: " + e.getMessage());
    }
  }

  YamlValue at(String newName, Node newNode) {
    return new YamlValue(file, newName, newNode);
  }

  /** What it is called where it stands. */
  String name() {
    return name;
  }

  /** An error about this value. */
  ConfigException wrong(String reason) {
    Optional<Mark> at = node.getStartMark();
    return new ConfigException(
        file,
        at.map(m -> m.getLine() + 1).orElse(0),
        at.map(m -> m.getColumn() + 1).orElse(0),
        reason);
  }

  /** {@code make} of this value, whose own complaints get its place. */
  <T> T checked(Function<YamlValue, T> make) {
    try {
      return make.apply(this);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Its members by name. */
  YamlSection section() {
    if (node instanceof MappingNode mapping) {
      return new YamlSection(this, mapping);
    }
    throw wrong("%s must have members, as 'name: value'".formatted(name));
  }

  boolean isSection() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** Its entries. */
  List<YamlValue> list() {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue().stream().map(n -> at("an entry of " + name, n)).toList();
    }
    throw wrong("%s must be a list".formatted(name));
  }

  /** Its text. */
  String text() {
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue();
    }
    throw wrong("%s must be a text".formatted(name));
  }

  long number(long least, long most) {
    try {
      long value = Long.parseLong(text().replace("_", ""));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(
        "%s is %s; it must be a whole number from %,d to %,d".formatted(name, text(), least, most));
  }

  BigDecimal decimal() {
    try {
      return new BigDecimal(text());
    } catch (NumberFormatException e) {
      throw wrong("%s is '%s'; it must be a number".formatted(name, text()));
    }
  }

  /** As {@code 800ms}, {@code 10s}, {@code 2m} or {@code 1h}. */
  Duration duration() {
    Matcher m = DURATION.matcher(text());
    if (!m.matches() || Long.parseLong(m.group(1)) == 0) {
      throw wrong(
          "%s is '%s'; it must be a time like 800ms, 10s, 2m or 1h".formatted(name, text()));
    }
    long count = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      default -> Duration.ofHours(count);
    };
  }

  /** As {@code 512KiB} or {@code 32MiB}. */
  long bytes() {
    Matcher m = BYTES.matcher(text());
    if (!m.matches()) {
      throw wrong("%s is '%s'; it must be a size like 512KiB or 32MiB".formatted(name, text()));
    }
    int shift =
        switch (Optional.ofNullable(m.group(2)).orElse("B")) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          default -> 0;
        };
    long count = Long.parseLong(m.group(1));
    if (count > Long.MAX_VALUE >> shift) {
      throw wrong("%s is %s, which is too large".formatted(name, text()));
    }
    return count << shift;
  }

  /**
   * The one of {@code known} that its text names.
   *
   * @param find by its word
   */
  <T> T oneOf(List<T> known, Function<T, String> word, Function<String, Optional<T>> find) {
    return find.apply(text())
        .orElseThrow(() ->
            wrong(
                "%s is '%s'; %s"
                    .formatted(
                        name, text(), Nearest.hint(text(), known.stream().map(word).toList()))));
  }
}
