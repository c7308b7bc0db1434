package dev.krafla.platform;

import dev.krafla.image.text.FontFile;
import dev.krafla.image.text.FontLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The fonts of this home; fetches them from the packages that carry them, checked by digest. */
final class FontStore {
  private static final long MAX_FONT_BYTES = 128L << 20;

  private final Path folder;
  private final WheelFetcher wheels;

  FontStore(KraflaHome home, WheelFetcher wheels) {
    this.folder = home.folder().resolve("fonts");
    this.wheels = wheels;
  }

  Path folder() {
    return folder;
  }

  /** Fonts of the catalogue that are not here. */
  List<FontFile> missing() {
    return new FontLibrary(folder).missing();
  }

  /** Fetches what is missing; names of entries only select, they never become paths. */
  void fetch(Progress progress) throws IOException, InterruptedException {
    Map<String, List<FontFile>> byPackage = new LinkedHashMap<>();
    for (FontFile font : missing()) {
      byPackage.merge(
          font.requirement(),
          List.of(font),
          (a, b) -> java.util.stream.Stream.concat(a.stream(), b.stream()).toList());
    }
    Files.createDirectories(folder);
    Path parts = folder.resolve(".wheels");
    for (var e : byPackage.entrySet()) {
      Path wheel = wheels.wheel(e.getKey(), parts.resolve(e.getKey()), progress);
      for (FontFile font : e.getValue()) {
        extract(wheel, font);
      }
    }
    FileTrees.delete(parts);
  }

  private void extract(Path wheel, FontFile font) throws IOException {
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      ZipEntry entry =
          Collections.list(zip.entries()).stream()
              .filter(e -> e.getName().endsWith("/" + font.file()))
              .findFirst()
              .orElseThrow(() ->
                  new FetchException(
                      "%s has no file '%s'".formatted(font.requirement(), font.file())));
      if (entry.getSize() > MAX_FONT_BYTES) {
        throw new FetchException(
            "'%s' in %s has %d bytes; at most %d are taken"
                .formatted(font.file(), font.requirement(), entry.getSize(), MAX_FONT_BYTES));
      }
      Path part = folder.resolve(font.key() + ".part");
      try (InputStream in = zip.getInputStream(entry)) {
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      }
      String digest = FontLibrary.sha256(part);
      if (!digest.equals(font.sha256())) {
        Files.delete(part);
        throw new FetchException(
            "'%s' of %s has the digest %s, not %s"
                .formatted(font.file(), font.requirement(), digest, font.sha256()));
      }
      Files.move(part, folder.resolve(font.file()), StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
