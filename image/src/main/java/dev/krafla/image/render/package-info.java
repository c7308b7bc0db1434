/** From boxes to pixels and files: Skija, contrast, encoders. */
@NullMarked
package dev.krafla.image.render;

import org.jspecify.annotations.NullMarked;
