/** The gateway's HTTP server: a request from its first byte to the settlement of its cost. */
@NullMarked
package dev.krafla.gateway.server;

import org.jspecify.annotations.NullMarked;
