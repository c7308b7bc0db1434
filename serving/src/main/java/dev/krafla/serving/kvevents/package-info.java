/**
 * What servers tell of their KV caches, in the form of vLLM's events (ZeroMQ and MessagePack), and
 * what a router makes of it: keys of its own, computed again from the token ids.
 */
@NullMarked
package dev.krafla.serving.kvevents;

import org.jspecify.annotations.NullMarked;
