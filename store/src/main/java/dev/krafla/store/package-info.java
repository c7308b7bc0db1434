/**
 * What must outlive a process: a PostgreSQL server of our own or an outside one, and its schema.
 */
@NullMarked
package dev.krafla.store;

import org.jspecify.annotations.NullMarked;
