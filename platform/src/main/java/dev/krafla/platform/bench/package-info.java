/**
 * Measures an engine end to end: the tests of llama-bench and llama-batched-bench, by the same
 * names and with the same meaning, so that figures can be set side by side.
 */
@NullMarked
package dev.krafla.platform.bench;

import org.jspecify.annotations.NullMarked;
