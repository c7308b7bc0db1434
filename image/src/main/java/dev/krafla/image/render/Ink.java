package dev.krafla.image.render;

import dev.krafla.image.scene.Box;
import java.util.Optional;

/**
 * The colour that a text got, and why.
 *
 * @param argb of the glyphs
 * @param ratio WCAG contrast that 95 of 100 pixels under the glyphs reach
 * @param scrim colour put behind the text, ARGB, where no colour of the scene was enough
 * @param scrimBox where
 * @param repaired whether it is not the colour that the scene names
 */
public record Ink(
    int argb, double ratio, Optional<Integer> scrim, Box scrimBox, boolean repaired) {}
