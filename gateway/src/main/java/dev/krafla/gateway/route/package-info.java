/** Which targets a model's name stands for, and which of them is asked next. */
@NullMarked
package dev.krafla.gateway.route;

import org.jspecify.annotations.NullMarked;
