/** From logits to a token, and from tokens to the text that a client may see. */
@NullMarked
package dev.krafla.engine.sample;

import org.jspecify.annotations.NullMarked;
