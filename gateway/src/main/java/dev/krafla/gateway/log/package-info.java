/** The request log: what was asked, by whom, what came of it and what it took. */
@NullMarked
package dev.krafla.gateway.log;

import org.jspecify.annotations.NullMarked;
