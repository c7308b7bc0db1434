/** From strings to placed glyphs: fonts, shaping, line breaking, fitting. */
@NullMarked
package dev.krafla.image.text;

import org.jspecify.annotations.NullMarked;
