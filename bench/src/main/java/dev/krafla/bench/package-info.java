/**
 * JMH benchmarks of what an answer's time goes into: matrix products, attention, drawing a token,
 * constraints. Each checks what it has computed, so that no wrong kernel looks fast. Run by {@code
 * ./krafla jmh}; not released. What a user gets end to end, {@code ./krafla bench} measures.
 */
@NullMarked
package dev.krafla.bench;

import org.jspecify.annotations.NullMarked;
