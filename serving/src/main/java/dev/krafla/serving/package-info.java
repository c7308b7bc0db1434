/** The engine worker: an OpenAI-shaped HTTP server over {@code engine}. */
@NullMarked
package dev.krafla.serving;

import org.jspecify.annotations.NullMarked;
