/** How the KV cache goes to {@code KvStore}s and comes back: entries, their checks, their speed. */
@NullMarked
package dev.krafla.engine.tier;

import org.jspecify.annotations.NullMarked;
