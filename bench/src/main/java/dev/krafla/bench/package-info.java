/** JMH benchmarks and load drivers; not released. */
@NullMarked
package dev.krafla.bench;

import org.jspecify.annotations.NullMarked;
