/**
 * Who owns which block of the KV cache, and which blocks hold beginnings that others can use. Plain
 * bookkeeping in arrays, owned by the engine's thread; the bytes themselves are in {@code
 * dev.krafla.kernels.KvCache}.
 */
@NullMarked
package dev.krafla.engine.cache;

import org.jspecify.annotations.NullMarked;
