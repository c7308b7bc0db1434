/** From a prompt to a scene by rules alone. */
@NullMarked
package dev.krafla.image.plan;

import org.jspecify.annotations.NullMarked;
