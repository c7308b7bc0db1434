package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Flex;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Skin;
import java.util.List;

/** Vector decoration that stands where a picture could stand. */
final class Art {
  private Art() {}

  /** A still life of plain forms around the symbol of the prompt's matter. */
  static Node hero(Sheet sheet, double grow) {
    Draft d = sheet.draft();
    String name = dev.krafla.image.render.Symbols.forPrompt(sheet.brief().prompt());
    Node back =
        d.group(
            d.frame("art"),
            Flex.ROW,
            0,
            0,
            Align.STRETCH,
            Align.END,
            Skin.of(),
            List.of(
                new Node.Shape(
                    squareFrame(d), Node.Form.ELLIPSE, Skin.of("brand", "accent").angle(50))));
    Node symbol =
        d.group(
            d.frame("art"),
            Flex.ROW,
            0,
            0,
            Align.STRETCH,
            Align.END,
            Skin.of(),
            List.of(
                d.group(
                    squareFrame(d),
                    Flex.STACK,
                    0,
                    60,
                    Align.STRETCH,
                    Align.CENTER,
                    Skin.of(),
                    List.of(new Node.Icon(d.frame("icon"), name, "onBrand")))));
    return new Node.Group(
        d.frame("hero").grow(grow),
        Flex.STACK,
        0,
        List.of(0.0, 0.0, 0.0, 0.0),
        Align.STRETCH,
        Align.START,
        java.util.Optional.empty(),
        List.of(back, symbol));
  }

  private static dev.krafla.image.scene.Frame squareFrame(Draft d) {
    var frame = d.frame("disc");
    return new dev.krafla.image.scene.Frame(
        frame.id(), frame.box(), frame.width(), frame.height(), 0, java.util.OptionalDouble.of(1));
  }
}
