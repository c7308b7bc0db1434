/**
 * What a chat model writes, taken apart: text, reasoning and tool calls, as they stream.
 *
 * <p>{@link dev.krafla.models.output.OutputFormat} tells from a chat template how a model writes
 * calls and gives the parser. Each family's is a list of markers, and for each marker a {@link
 * dev.krafla.models.output.CallReader} that takes over behind it: {@link
 * dev.krafla.models.output.CallFinder} does the rest for all of them. A new family is a parser
 * beside the others, a constant with its line in {@code detect}, and answers in its tests' samples.
 */
@NullMarked
package dev.krafla.models.output;

import org.jspecify.annotations.NullMarked;
