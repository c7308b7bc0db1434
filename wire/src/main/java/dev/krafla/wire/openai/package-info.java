/** The wire of OpenAI's chat completions and of the many servers that speak it. */
@NullMarked
package dev.krafla.wire.openai;

import org.jspecify.annotations.NullMarked;
