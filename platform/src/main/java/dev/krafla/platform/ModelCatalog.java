package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The models that have short names: those that {@code models.yaml} beside this class lists, and
 * over them those of the user's own {@code $KRAFLA_HOME/models.yaml}. Immutable.
 */
public final class ModelCatalog {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final SequencedMap<String, ModelEntry> entries;

  private ModelCatalog(SequencedMap<String, ModelEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads both files.
   *
   * @throws UserError when the user's own file is damaged
   */
  public static ModelCatalog load(KraflaHome home) {
    var entries = new LinkedHashMap<String, ModelEntry>();
    try (InputStream in = ModelCatalog.class.getResourceAsStream("models.yaml")) {
      if (in == null) {
        throw new IllegalStateException("models.yaml is missing from the build");
      }
      read(in, "models.yaml", entries);
      Path own = home.folder().resolve("models.yaml");
      if (Files.isRegularFile(own)) {
        try (InputStream more = Files.newInputStream(own)) {
          read(more, own.toString(), entries);
        }
      }
    } catch (IOException e) {
      throw new UserError("the list of models cannot be read: " + e, e);
    }
    return new ModelCatalog(entries);
  }

  /** The model called {@code alias}. */
  public Optional<ModelEntry> find(String alias) {
    return Optional.ofNullable(entries.get(alias));
  }

  /** All models, in the order of the files. */
  public Collection<ModelEntry> all() {
    return List.copyOf(entries.sequencedValues());
  }

  private static void read(InputStream in, String where, Map<String, ModelEntry> into) {
    Map<String, Row> rows;
    try {
      rows = YAML.readValue(in, new TypeReference<Map<String, Row>>() {});
    } catch (JacksonException e) {
      throw new UserError("%s: %s".formatted(where, e.getOriginalMessage()), e);
    }
    rows.forEach((alias, row) -> into.put(alias, row.toEntry(alias, where)));
  }

  /** One entry as written; what is absent is null. */
  private record Row(
      @Nullable String file,
      @Nullable String about,
      @Nullable String licence,
      @Nullable String size,
      @Nullable String sha256,
      @Nullable List<String> sources) {

    ModelEntry toEntry(String alias, String where) {
      if (!alias.matches("[a-z0-9][a-z0-9._-]*")) {
        throw new UserError(
            "%s: '%s' is no alias; use small letters, digits, '.', '_' and '-'"
                .formatted(where, alias));
      }
      if (file == null || !file.matches("[\\w.+-]+") || file.startsWith(".")) {
        throw new UserError("%s: %s: 'file' must be a plain file name".formatted(where, alias));
      }
      if (sources == null || sources.isEmpty()) {
        throw new UserError("%s: %s: 'sources' must name at least one".formatted(where, alias));
      }
      if (sha256 != null && !sha256.matches("[0-9a-f]{64}")) {
        throw new UserError(
            "%s: %s: 'sha256' must be 64 hexadecimal digits".formatted(where, alias));
      }
      return new ModelEntry(
          alias,
          file,
          about == null ? "" : about,
          licence == null ? "unknown" : licence,
          size == null ? 0 : ByteSize.parse(size),
          Optional.ofNullable(sha256),
          sources.stream().map(ModelSource::parse).toList());
    }
  }
}
