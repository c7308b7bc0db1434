/** The scene document: records, their JSON, limits, editing addresses. */
@NullMarked
package dev.krafla.image.scene;

import org.jspecify.annotations.NullMarked;
