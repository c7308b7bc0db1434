/** KV that goes from one worker to another: leases, the wire, its server and its client. */
@NullMarked
package dev.krafla.engine.transfer;

import org.jspecify.annotations.NullMarked;
