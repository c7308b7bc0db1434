/**
 * Fleets in virtual time: the real router, scheduler and cache over a model that only takes as long
 * as a measured one would.
 */
@NullMarked
package dev.krafla.serving.simulate;

import org.jspecify.annotations.NullMarked;
