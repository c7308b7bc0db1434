/** The wire of OpenAI's responses. */
@NullMarked
package dev.krafla.wire.responses;

import org.jspecify.annotations.NullMarked;
