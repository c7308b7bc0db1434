package dev.krafla.image.text;

import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A font of the catalogue, pinned by its digest.
 *
 * @param key short name
 * @param requirement of the Python package that carries it, with its version
 * @param file name in that package
 */
public record FontFile(String key, String requirement, String file, String sha256, String licence) {
  private static final String CATALOGUE = "/dev/krafla/image/fonts.json";

  /** All fonts that Krafla sets text in. */
  public static List<FontFile> catalogue() {
    try (InputStream in = FontFile.class.getResourceAsStream(CATALOGUE)) {
      if (in == null) {
        throw new IllegalStateException(CATALOGUE + " is not in the distribution");
      }
      var all = new ArrayList<FontFile>();
      Json.parseObject(in.readAllBytes())
          .withArray("fonts")
          .forEach(each -> all.add(of((ObjectNode) each)));
      return List.copyOf(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FontFile of(ObjectNode f) {
    return new FontFile(
        f.get("key").stringValue(),
        f.get("package").stringValue(),
        f.get("file").stringValue(),
        f.get("sha256").stringValue(),
        f.get("licence").stringValue());
  }
}
