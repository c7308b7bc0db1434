package dev.krafla.image.plan;

import dev.krafla.image.render.Symbols;
import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Flex;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Skin;
import java.util.List;
import java.util.Optional;

/** Vector decoration that stands where a picture could stand. */
final class Art {
  private Art() {}

  /**
   * The symbol of the prompt's matter in a disc, to the right; small where there is much to say.
   */
  static Node hero(Sheet sheet, double grow) {
    Draft d = sheet.draft();
    double side = Math.clamp(360 - sheet.brief().length() * 0.55, 130, 330);
    Node disc =
        d.group(
            d.frame("disc").size(d.px(side), d.px(side)),
            Flex.STACK,
            0,
            side * 0.25,
            Align.STRETCH,
            Align.CENTER,
            Skin.of("brand", "accent").angle(50).radius(100_000),
            List.of(
                new Node.Icon(
                    d.frame("icon"), Symbols.forPrompt(sheet.brief().prompt()), "onBrand")));
    Node row =
        new Node.Group(
            d.frame("discs").height(d.px(side)),
            Flex.ROW,
            0,
            List.of(0.0, 0.0, 0.0, 0.0),
            Align.STRETCH,
            Align.END,
            Optional.empty(),
            List.of(disc));
    return d.col(d.frame("hero").grow(grow), 0, Align.START, List.of(row));
  }

  /** The symbol in a round field, centred. */
  static Node mark(Sheet sheet, double side, String ground, String ink) {
    Draft d = sheet.draft();
    Node field =
        d.group(
            d.frame("mark").size(d.px(side), d.px(side)),
            Flex.STACK,
            0,
            side * 0.24,
            Align.STRETCH,
            Align.CENTER,
            Skin.of(ground).radius(d.px(side)),
            List.of(
                new Node.Icon(d.frame("icon"), Symbols.forPrompt(sheet.brief().prompt()), ink)));
    return new Node.Group(
        d.frame("marks").height(d.px(side)),
        Flex.ROW,
        0,
        List.of(0.0, 0.0, 0.0, 0.0),
        Align.STRETCH,
        Align.CENTER,
        Optional.empty(),
        List.of(field));
  }

  /** A slot for the thing that the prompt is about; without a backend, a still life of symbols. */
  static Node still(Sheet sheet, double grow) {
    Draft d = sheet.draft();
    String prompt = sheet.brief().prompt();
    return new Node.Slot(
        d.frame("slot").grow(grow),
        prompt.substring(0, Math.min(400, prompt.length())),
        1,
        sheet.seed(),
        List.of("edge", "depth"));
  }
}
