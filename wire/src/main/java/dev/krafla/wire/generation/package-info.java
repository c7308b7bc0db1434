/**
 * One request, one answer and one stream of events that every wire is read into and written from.
 * It holds what at least two wires can say; the rest travels as {@link
 * dev.krafla.wire.generation.Extras} and is refused by name where the other wire has no words.
 */
@NullMarked
package dev.krafla.wire.generation;

import org.jspecify.annotations.NullMarked;
