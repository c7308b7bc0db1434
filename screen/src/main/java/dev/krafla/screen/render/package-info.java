/** Screens as compact text under a budget of tokens, and what is read from them. */
@NullMarked
package dev.krafla.screen.render;

import org.jspecify.annotations.NullMarked;
