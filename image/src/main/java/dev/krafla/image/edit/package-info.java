/** Changes to scenes, and what has to be drawn again. */
@NullMarked
package dev.krafla.image.edit;

import org.jspecify.annotations.NullMarked;
