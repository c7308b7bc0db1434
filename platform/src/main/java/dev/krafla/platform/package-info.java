/** The command line, and the wiring of everything else. */
@NullMarked
package dev.krafla.platform;

import org.jspecify.annotations.NullMarked;
