/** The Chrome DevTools Protocol (browser 120 and newer): messages, one connection, its sessions. */
@NullMarked
package dev.krafla.screen.cdp;

import org.jspecify.annotations.NullMarked;
