/** What a chat model writes, taken apart: text, reasoning and tool calls, as they stream. */
@NullMarked
package dev.krafla.models.output;

import org.jspecify.annotations.NullMarked;
