/** Programs that are kept running beside this process, and what is known of them from outside. */
@NullMarked
package dev.krafla.platform.up;

import org.jspecify.annotations.NullMarked;
