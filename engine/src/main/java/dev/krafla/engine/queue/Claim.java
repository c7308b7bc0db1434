package dev.krafla.engine.queue;

import dev.krafla.engine.ServiceClass;

/** Somebody who wants tokens computed. None of it may change while it is in a {@link Backlog}. */
public interface Claim {
  /** The class that it is served in. */
  ServiceClass serviceClass();

  /** Whose it is. */
  String tenant();

  /** When its turn is, on the engine's clock ({@link AgedTurn}): of one tenant the earliest. */
  long turnNanos();

  /** Its number in order of arrival; decides between equals. */
  long arrival();
}
