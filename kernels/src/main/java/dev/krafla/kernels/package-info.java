/**
 * Inner loops of inference: weight formats, matrix products, attention, norms. Three tiers compute
 * the same functions: scalar (the truth tests compare with), Vector API, and native C behind the
 * foreign function API.
 */
@NullMarked
package dev.krafla.kernels;

import org.jspecify.annotations.NullMarked;
