package dev.krafla.image.render;

import io.github.humbleui.skija.ColorAlphaType;
import io.github.humbleui.skija.ColorType;
import io.github.humbleui.skija.Data;
import io.github.humbleui.skija.EncodeJPEGOptions;
import io.github.humbleui.skija.EncodeWEBPOptions;
import io.github.humbleui.skija.EncoderJPEG;
import io.github.humbleui.skija.EncoderWEBP;
import io.github.humbleui.skija.Image;
import io.github.humbleui.skija.ImageInfo;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JPEG and WebP by Skia's encoders, with the manifest in the place that each has for XMP. */
final class Containers {
  private static final int QUALITY = 92;

  /** Most bytes of one JPEG segment after its length. */
  private static final int SEGMENT = 65_533;

  private static final String JPEG_MARK = "krafla/scene\0";

  private Containers() {}

  private static byte[] encoded(Drawn drawn, boolean jpeg) {
    ImageInfo info =
        new ImageInfo(drawn.width(), drawn.height(), ColorType.RGBA_8888, ColorAlphaType.PREMUL);
    try (Image image = Image.makeRasterFromBytes(info, drawn.pixels(), 4L * drawn.width());
        Data data =
            jpeg
                ? EncoderJPEG.encode(image, EncodeJPEGOptions.DEFAULT.withQuality(QUALITY))
                : EncoderWEBP.encode(image, EncodeWEBPOptions.DEFAULT.withQuality(QUALITY))) {
      if (data == null) {
        throw new IllegalStateException(
            "Skia could not encode %d×%d pixels".formatted(drawn.width(), drawn.height()));
      }
      return data.getBytes();
    }
  }

  /** The manifest in comment segments after the header, as many as it needs. */
  static byte[] jpeg(Drawn drawn, String manifest) {
    byte[] file = encoded(drawn, true);
    byte[] text = manifest.getBytes(StandardCharsets.UTF_8);
    byte[] mark = JPEG_MARK.getBytes(StandardCharsets.ISO_8859_1);
    var out = new ByteArrayOutputStream(file.length + text.length + 64);
    out.write(file, 0, 2); // start of image
    int room = SEGMENT - mark.length;
    for (int at = 0; at < text.length; at += room) {
      int n = Math.min(room, text.length - at);
      out.write(0xFF);
      out.write(0xFE); // COM
      out.writeBytes(ByteBuffer.allocate(2).putShort((short) (n + mark.length + 2)).array());
      out.writeBytes(mark);
      out.write(text, at, n);
    }
    out.write(file, 2, file.length - 2);
    return out.toByteArray();
  }

  /** The manifest in a chunk of its own at the end; readers skip chunks that they do not know. */
  static byte[] webp(Drawn drawn, String manifest) {
    byte[] file = encoded(drawn, false);
    byte[] text = manifest.getBytes(StandardCharsets.UTF_8);
    int padded = text.length + (text.length & 1);
    byte[] out = Arrays.copyOf(file, file.length + 8 + padded);
    ByteBuffer buffer = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(file.length);
    buffer.put("KRAF".getBytes(StandardCharsets.US_ASCII)).putInt(text.length).put(text);
    buffer.putInt(4, out.length - 8);
    return out;
  }
}
