/**
 * Who goes first, without knowing what for: classes with guaranteed shares, tenants in turn, and
 * how many tokens a step may have. Plain data structures, owned by the engine's thread.
 */
@NullMarked
package dev.krafla.engine.queue;

import org.jspecify.annotations.NullMarked;
