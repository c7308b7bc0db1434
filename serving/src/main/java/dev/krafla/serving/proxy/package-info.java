/**
 * The HTTP server of {@code krafla route}: OpenAI's wire in front of many replicas. It reads of a
 * request what routing needs, and passes bytes through otherwise.
 */
@NullMarked
package dev.krafla.serving.proxy;

import org.jspecify.annotations.NullMarked;
