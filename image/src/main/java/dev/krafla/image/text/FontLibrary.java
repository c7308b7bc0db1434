package dev.krafla.image.text;

import dev.krafla.image.MissingFont;
import dev.krafla.image.MissingGlyph;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The fonts of a folder, and which of them sets what. A file is used only if it has the digest that
 * the catalogue pins, and is opened when first needed. Thread-safe.
 */
public final class FontLibrary {
  private final Path folder;
  private final Map<String, FontFile> catalogue;
  private final Map<String, Path> verified = new ConcurrentHashMap<>();
  private final Map<FaceKey, Face> faces = new ConcurrentHashMap<>();
  private final Map<ChoiceKey, Face> choices = new ConcurrentHashMap<>();

  private record FaceKey(String font, int index, int weight, boolean display) {}

  private record ChoiceKey(
      String family, int weight, boolean display, String lang, boolean cjk, String cluster) {}

  /** Fonts in {@code folder}, as {@code krafla image --fetch-fonts} puts them there. */
  public FontLibrary(Path folder) {
    this.folder = folder;
    this.catalogue = FontFile.catalogue().stream().collect(Collectors.toMap(FontFile::key, f -> f));
  }

  /** Those of the catalogue that the folder lacks. */
  public List<FontFile> missing() {
    return FontFile.catalogue().stream()
        .filter(font -> !Files.isRegularFile(folder.resolve(font.file())))
        .toList();
  }

  /**
   * The face for a grapheme cluster.
   *
   * @param family {@code sans} or {@code serif}
   * @param display for large sizes
   * @param cjk whether it stands among CJK characters, whose punctuation and quotes are wide
   * @throws MissingGlyph when no font has it
   */
  public Face face(
      String family, int weight, boolean display, String lang, boolean cjk, String cluster) {
    ChoiceKey key = new ChoiceKey(family, weight, display, lang, cjk, cluster);
    Face known = choices.get(key);
    if (known == null) {
      known = choose(key);
      if (choices.size() > 50_000) {
        choices.clear();
      }
      choices.put(key, known);
    }
    return known;
  }

  private Face choose(ChoiceKey key) {
    int first = key.cluster().codePointAt(0);
    for (String font : chain(key.family(), key.cjk(), Scripts.isEmoji(key.cluster()))) {
      Face face = face(font, index(font, key.lang()), key.weight(), key.display());
      if (covers(face, key.cluster())) {
        return face;
      }
    }
    throw new MissingGlyph(first, key.cluster());
  }

  private static List<String> chain(String family, boolean cjk, boolean emoji) {
    if (emoji) {
      return List.of("noto-emoji", "noto-symbols", "noto-sans-cjk");
    }
    boolean serif = family.equals("serif");
    List<String> latin = serif ? List.of("source-serif") : List.of("inter");
    List<String> wide =
        serif ? List.of("noto-serif-sc", "noto-sans-cjk") : List.of("noto-sans-cjk");
    List<String> rest =
        List.of(
            "noto-sans",
            "noto-arabic",
            "noto-hebrew",
            "noto-thai",
            "noto-devanagari",
            "noto-symbols",
            "noto-emoji");
    var chain = new java.util.ArrayList<>(cjk ? wide : latin);
    chain.addAll(cjk ? latin : wide);
    chain.addAll(rest);
    return chain;
  }

  /** Position in the collection of the regional forms that a language wants. */
  private static int index(String font, String lang) {
    if (!font.equals("noto-sans-cjk")) {
      return 0;
    }
    String tag = lang.toLowerCase(Locale.ROOT);
    if (tag.startsWith("ja")) {
      return 0;
    }
    if (tag.startsWith("ko")) {
      return 1;
    }
    if (tag.contains("hk")) {
      return 4;
    }
    return tag.contains("hant") || tag.contains("tw") ? 3 : 2;
  }

  private static boolean covers(Face face, String cluster) {
    return cluster
        .codePoints()
        .filter(c -> !Scripts.isInvisible(c))
        .allMatch(c -> face.glyph(c) != 0);
  }

  private Face face(String font, int index, int weight, boolean display) {
    return faces.computeIfAbsent(
        new FaceKey(font, index, weight, display),
        key -> {
          boolean joined =
              font.equals("noto-arabic")
                  || font.equals("noto-devanagari")
                  || font.equals("noto-emoji");
          return SkijaFace.load(font, file(font), index, weight, display, joined);
        });
  }

  private Path file(String key) {
    return verified.computeIfAbsent(
        key,
        k -> {
          FontFile font = catalogue.get(k);
          if (font == null) {
            throw new MissingFont(k, "there is no font '%s' in the catalogue".formatted(k));
          }
          Path file = folder.resolve(font.file());
          if (!Files.isRegularFile(file)) {
            throw new MissingFont(
                k,
                "the font '%s' (%s) is not in %s; krafla image --fetch-fonts gets it"
                    .formatted(k, font.file(), folder));
          }
          String digest = sha256(file);
          if (!digest.equals(font.sha256())) {
            throw new MissingFont(
                k,
                "%s has the digest %s, not %s; delete it and run krafla image --fetch-fonts"
                    .formatted(file, digest, font.sha256()));
          }
          return file;
        });
  }

  /** Hexadecimal digest of a file. */
  public static String sha256(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new MissingFont(file.toString(), "%s cannot be read: %s".formatted(file, e));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
