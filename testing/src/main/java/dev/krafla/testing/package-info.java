/** What the tests of several modules share: fuzzing, and measuring what a call allocates. */
@NullMarked
package dev.krafla.testing;

import org.jspecify.annotations.NullMarked;
