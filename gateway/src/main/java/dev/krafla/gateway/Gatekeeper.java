package dev.krafla.gateway;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Who may ask, and for how much. Every public request passes here twice: {@link #identify} before
 * its body is looked at, {@link #reserve} before it is sent anywhere. Thread-safe; neither call
 * waits for a disk or a database.
 */
public interface Gatekeeper {
  /**
   * Finds who holds a key.
   *
   * @param key as the client sent it; absent when it sent none
   * @param from the client's address
   * @throws GatewayRefusal 401 when the key is missing, unknown, expired or revoked, 403 when it
   *     may not be used from this address
   */
  Caller identify(Optional<String> key, InetAddress from);

  /**
   * Sets aside the most that a request can cost, on every level above its key, or nowhere.
   *
   * @throws GatewayRefusal 403 when the key may not use the model, 429 when a rate, a concurrency
   *     limit or a budget would be passed, with the level, the limit and when to try again
   */
  Reservation reserve(Caller caller, Estimate most);
}
