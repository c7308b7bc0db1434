/**
 * What every HTTP server of this module needs: connections that notice who leaves, keys, and
 * refusals.
 */
@NullMarked
package dev.krafla.serving.http;

import org.jspecify.annotations.NullMarked;
