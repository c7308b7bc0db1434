/** The audit log: who changed what, in a chain of hashes that only grows. */
@NullMarked
package dev.krafla.gateway.audit;

import org.jspecify.annotations.NullMarked;
