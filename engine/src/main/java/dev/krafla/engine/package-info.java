/**
 * Many users on one model: token-budget scheduler, paged KV cache, prefix index, sampling,
 * constrained output. A library without HTTP: {@code Engine.submit(request)} gives a stream of
 * tokens.
 */
@NullMarked
package dev.krafla.engine;

import org.jspecify.annotations.NullMarked;
