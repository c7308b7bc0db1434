/** Who may ask: organisations, teams, people, apps and their keys. */
@NullMarked
package dev.krafla.gateway.access;

import org.jspecify.annotations.NullMarked;
