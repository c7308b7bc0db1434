/**
 * Money: amounts, dated prices, budgets and limits, and the one ledger that every request reserves
 * from. All amounts are whole nanodollars, all arithmetic is checked.
 */
@NullMarked
package dev.krafla.gateway.money;

import org.jspecify.annotations.NullMarked;
