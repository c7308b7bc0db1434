package dev.krafla.gateway.money;

import java.time.Instant;
import java.util.Optional;

/**
 * How an account stands in one period.
 *
 * @param end of the period; the first moment of the next
 * @param budget of this period, where there is one
 * @param reservedNanodollars held by requests under way, beside what is spent
 */
public record Balance(
    Period period,
    Instant start,
    Instant end,
    Optional<Terms.Budget> budget,
    long spentNanodollars,
    long reservedNanodollars,
    long spentTokens,
    long reservedTokens) {}
