/** Whether a picture says what its scene says: glyphs, pixels, boxes. */
@NullMarked
package dev.krafla.image.proof;

import org.jspecify.annotations.NullMarked;
