/** Records of the OpenAI wire, their JSON and server-sent events, and a client for them. */
@NullMarked
package dev.krafla.wire;

import org.jspecify.annotations.NullMarked;
