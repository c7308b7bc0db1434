/** Places below memory that keep the KV cache: the port, and the one on disk. */
@NullMarked
package dev.krafla.engine.kvstore;

import org.jspecify.annotations.NullMarked;
