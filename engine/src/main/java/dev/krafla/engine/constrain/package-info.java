/**
 * Constrained output: a JSON schema, a regular expression or a list of choices becomes a
 * nondeterministic automaton over UTF-8 bytes with calls for recursion, which is determinised as
 * answers walk it; each deterministic state's set of allowed tokens is found by one walk over the
 * vocabulary's byte trie and kept.
 */
@NullMarked
package dev.krafla.engine.constrain;

import org.jspecify.annotations.NullMarked;
