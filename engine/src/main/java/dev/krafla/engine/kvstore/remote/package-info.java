/**
 * A store of the KV cache that several machines share, over the protocol of Redis and Valkey. A
 * client of our own, of the six commands that it needs: it reads straight into the cache's memory,
 * takes no byte more than was expected, and bounds every exchange in time.
 */
@NullMarked
package dev.krafla.engine.kvstore.remote;

import org.jspecify.annotations.NullMarked;
