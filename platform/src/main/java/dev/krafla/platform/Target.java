package dev.krafla.platform;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a pull is to produce.
 *
 * @param name the model, for people; its id on the wire if {@code named}
 * @param named whether {@code name} is an alias
 * @param folder where its file will lie
 * @param file the file's name; empty where only the source knows
 * @param exactBytes the file's size, where it is known to the byte
 * @param digests SHA-256 digests that the file must have
 * @param sources where to look, best first
 */
record Target(
    String name,
    boolean named,
    Path folder,
    Optional<String> file,
    OptionalLong exactBytes,
    List<String> digests,
    List<ModelSource> sources) {
  Target {
    digests = List.copyOf(digests);
    sources = List.copyOf(sources);
  }

  /** The target of an alias. */
  static Target of(ModelEntry entry, Path models) {
    return new Target(
        entry.alias(),
        true,
        models.resolve(entry.alias()),
        Optional.of(entry.file()),
        entry.sha256().isPresent() ? OptionalLong.of(entry.bytes()) : OptionalLong.empty(),
        entry.sha256().stream().toList(),
        entry.sources());
  }

  /** The target of a bare reference: a folder that its repository or address names. */
  static Target of(String reference, ModelSource source, Path models) {
    String folder =
        switch (source) {
          case ModelSource.Hub hub ->
              "%s--%s--%s@%s%s"
                  .formatted(
                      hub.site().scheme(),
                      hub.org(),
                      hub.repo(),
                      hub.revision(),
                      hub.file().contains("/") ? "--" + parentOf(hub.file()) : "");
          case ModelSource.Web web ->
              "web--%s--%s".formatted(web.uri().getHost(), shortDigest(web.uri().toString()));
          case ModelSource.PyPi packages ->
              "pypi--%s--%s".formatted(packages.packageName(), shortDigest(reference));
          case ModelSource.LocalFile file ->
              "file--%s".formatted(shortDigest(file.path().toString()));
        };
    Optional<String> file =
        source instanceof ModelSource.PyPi ? Optional.empty() : Optional.of(source.fileName());
    return new Target(
        reference,
        false,
        models.resolve(folder.replace('/', '-')),
        file,
        OptionalLong.empty(),
        List.of(),
        List.of(source));
  }

  /** This target with one more digest to match. */
  Target withDigest(String sha256) {
    return new Target(
        name,
        named,
        folder,
        file,
        exactBytes,
        Stream.concat(digests.stream(), Stream.of(sha256)).distinct().toList(),
        sources);
  }

  private static String parentOf(String file) {
    return file.substring(0, file.lastIndexOf('/'));
  }

  private static String shortDigest(String text) {
    return Digests.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, 10);
  }
}
