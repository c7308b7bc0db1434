package dev.krafla.image.render;

import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Document;
import io.github.humbleui.skija.OutputWStream;
import io.github.humbleui.skija.svg.SVGCanvas;
import io.github.humbleui.types.Rect;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.BiConsumer;

/** SVG and PDF by Skia's own writers, from the same drawing as the pixels. */
final class Vectors {
  private Vectors() {}

  static byte[] svg(Drawn drawn, BiConsumer<Canvas, Drawn> painter, String manifest) {
    var bytes = new ByteArrayOutputStream();
    try (OutputWStream out = new OutputWStream(bytes)) {
      try (Canvas canvas =
          SVGCanvas.make(Rect.makeWH(drawn.width(), drawn.height()), out, true, false)) {
        painter.accept(canvas, drawn);
      }
    }
    String svg = bytes.toString(StandardCharsets.UTF_8);
    int end = svg.lastIndexOf("</svg>");
    // encoded, as a string of the scene may hold what ends a comment or a CDATA section
    String encoded = Base64.getEncoder().encodeToString(manifest.getBytes(StandardCharsets.UTF_8));
    return (svg.substring(0, end)
            + "<metadata id=\"krafla\">data:application/json;base64,"
            + encoded
            + "</metadata>"
            + svg.substring(end))
        .getBytes(StandardCharsets.UTF_8);
  }

  static byte[] pdf(Drawn drawn, BiConsumer<Canvas, Drawn> painter, String manifest) {
    var bytes = new ByteArrayOutputStream();
    try (OutputWStream out = new OutputWStream(bytes)) {
      Document document = Document.makePDF(out, "", "", manifest, "", "Krafla", "Krafla", 0L, 0L);
      Canvas canvas = document.beginPage(drawn.width(), drawn.height());
      painter.accept(canvas, drawn);
      document.endPage();
      document.close();
    }
    return bytes.toByteArray();
  }
}
