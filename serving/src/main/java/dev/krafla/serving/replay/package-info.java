/**
 * Sends recorded or made-up load to workers and says what came of it: a trace becomes prompts of
 * token ids, a driver sends them on time, figures come from what was seen.
 */
@NullMarked
package dev.krafla.serving.replay;

import org.jspecify.annotations.NullMarked;
