/** A Chrome or Chromium of this machine as a surface: eyes and hands. */
@NullMarked
package dev.krafla.screen.browser;

import org.jspecify.annotations.NullMarked;
