/**
 * Pictures from scene documents: what all parts share, and {@link dev.krafla.image.Studio}, the
 * face.
 */
@NullMarked
package dev.krafla.image;

import org.jspecify.annotations.NullMarked;
