/**
 * Guesses at what comes next, and whether checking them is worth its time. Used by the engine's
 * thread.
 */
@NullMarked
package dev.krafla.engine.speculate;

import org.jspecify.annotations.NullMarked;
