package dev.krafla.image.render;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes PNG (ISO/IEC 15948): RGB, filtered against the row above, compressed in bands by several
 * threads. Bands are joined by full flushes, so that the file is one stream and the same for any
 * number of threads.
 */
final class PngWriter {
  private static final byte[] SIGNATURE = {(byte) 137, 'P', 'N', 'G', 13, 10, 26, 10};
  private static final int BANDS = 8;
  private static final int LEVEL = 1;
  private static final byte FILTER_UP = 2;

  private PngWriter() {}

  static byte[] write(byte[] rgba, int width, int height, String manifest) {
    var out = new ByteArrayOutputStream(1 << 20);
    out.writeBytes(SIGNATURE);
    chunk(
        out,
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put(new byte[] {8, 2, 0, 0, 0}) // 8 bits, RGB
            .array());
    chunk(out, "sRGB", new byte[] {0});
    if (!manifest.isEmpty()) {
      var text = new ByteArrayOutputStream();
      text.writeBytes("krafla".getBytes(StandardCharsets.ISO_8859_1));
      text.writeBytes(new byte[5]); // not compressed, no language, no translated keyword
      text.writeBytes(manifest.getBytes(StandardCharsets.UTF_8));
      chunk(out, "iTXt", text.toByteArray());
    }
    chunk(out, "IDAT", compressed(rgba, width, height));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    var crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  private static byte[] compressed(byte[] rgba, int width, int height) {
    int rows = (height + BANDS - 1) / BANDS;
    byte[] filtered = new byte[(3 * width + 1) * height];
    List<Callable<byte[]>> bands =
        IntStream.range(0, BANDS)
            .filter(band -> band * rows < height)
            .<Callable<byte[]>>mapToObj(band ->
                () -> {
                  int from = band * rows;
                  int to = Math.min(height, from + rows);
                  filter(rgba, width, from, to, filtered);
                  return deflate(filtered, width, from, to, to == height);
                })
            .toList();
    var out = new ByteArrayOutputStream(1 << 20);
    out.write(0x78);
    out.write(0x01);
    try (ExecutorService pool =
        Executors.newFixedThreadPool(Math.min(BANDS, Runtime.getRuntime().availableProcessors()))) {
      for (Future<byte[]> band : pool.invokeAll(bands)) {
        out.writeBytes(band.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a PNG was compressed", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    var sum = new Adler32();
    sum.update(filtered);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    return out.toByteArray();
  }

  private static void filter(byte[] rgba, int width, int from, int to, byte[] out) {
    for (int y = from; y < to; y++) {
      int o = y * (3 * width + 1);
      int i = 4 * y * width;
      out[o++] = y == 0 ? 0 : FILTER_UP;
      if (y == 0) {
        for (int x = 0; x < width; x++, i += 4) {
          out[o++] = rgba[i];
          out[o++] = rgba[i + 1];
          out[o++] = rgba[i + 2];
        }
      } else {
        int up = i - 4 * width;
        for (int x = 0; x < width; x++, i += 4, up += 4) {
          out[o++] = (byte) (rgba[i] - rgba[up]);
          out[o++] = (byte) (rgba[i + 1] - rgba[up + 1]);
          out[o++] = (byte) (rgba[i + 2] - rgba[up + 2]);
        }
      }
    }
  }

  private static byte[] deflate(byte[] filtered, int width, int from, int to, boolean last) {
    int row = 3 * width + 1;
    Deflater deflater = new Deflater(LEVEL, true);
    try {
      deflater.setInput(filtered, from * row, (to - from) * row);
      byte[] out = new byte[1 << 16];
      int n = 0;
      if (last) {
        deflater.finish();
      }
      while (true) {
        if (n == out.length) {
          out = Arrays.copyOf(out, 2 * out.length);
        }
        int room = out.length - n;
        int wrote = deflater.deflate(out, n, room, last ? Deflater.NO_FLUSH : Deflater.FULL_FLUSH);
        n += wrote;
        if (last ? deflater.finished() : wrote < room) {
          return Arrays.copyOf(out, n);
        }
      }
    } finally {
      deflater.end();
    }
  }
}
