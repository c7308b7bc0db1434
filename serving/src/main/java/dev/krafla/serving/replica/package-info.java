/**
 * Servers that requests can be sent to: what kind each is and how that kind is spoken to, whether
 * it is well, how busy it is, and which of them gets a request.
 */
@NullMarked
package dev.krafla.serving.replica;

import org.jspecify.annotations.NullMarked;
