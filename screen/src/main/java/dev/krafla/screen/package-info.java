/**
 * What every screen is made of: nodes with roles, states and references, fourteen actions, their
 * outcomes. {@link dev.krafla.screen.browser} has the browser, {@link dev.krafla.screen.render}
 * writes screens for a model.
 */
@NullMarked
package dev.krafla.screen;

import org.jspecify.annotations.NullMarked;
