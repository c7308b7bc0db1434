/**
 * Where a request should run: what each replica is known to hold and to be busy with, and policies
 * that choose one. Pure code: no network, no clock of its own.
 */
@NullMarked
package dev.krafla.serving.route;

import org.jspecify.annotations.NullMarked;
