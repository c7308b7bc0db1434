/** The wire of Anthropic's messages. */
@NullMarked
package dev.krafla.wire.anthropic;

import org.jspecify.annotations.NullMarked;
