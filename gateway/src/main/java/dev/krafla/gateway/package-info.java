/** One door in front of every model: who may ask what, for how much, and where it is answered. */
@NullMarked
package dev.krafla.gateway;

import org.jspecify.annotations.NullMarked;
