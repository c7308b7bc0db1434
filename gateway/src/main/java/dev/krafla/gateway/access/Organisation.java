package dev.krafla.gateway.access;

import java.time.Instant;
import java.time.ZoneId;

/**
 * Who pays in the end.
 *
 * @param zone whose calendar its budgets follow; never changes
 * @param salt keeps its cached prompts and answers apart from those of others
 */
public record Organisation(long id, String name, ZoneId zone, String salt, Instant created) {
  /** The one that is made at the first start; its admins run the whole gateway. */
  public static final long FIRST = 1;
}
