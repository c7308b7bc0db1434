/** From a scene to boxes: flex containers, then the rules across the tree. */
@NullMarked
package dev.krafla.image.layout;

import org.jspecify.annotations.NullMarked;
