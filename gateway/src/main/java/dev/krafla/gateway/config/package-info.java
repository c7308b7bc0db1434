/** {@code krafla.yaml}: read, checked as a whole, watched, and put in place at once. */
@NullMarked
package dev.krafla.gateway.config;

import org.jspecify.annotations.NullMarked;
