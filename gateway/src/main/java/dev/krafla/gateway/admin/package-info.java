/** The admin API: who there is, what they may take and what they took, as JSON over HTTP. */
@NullMarked
package dev.krafla.gateway.admin;

import org.jspecify.annotations.NullMarked;
