/** Who answers: what each kind of provider speaks, how it is asked and what is odd about it. */
@NullMarked
package dev.krafla.gateway.provider;

import org.jspecify.annotations.NullMarked;
