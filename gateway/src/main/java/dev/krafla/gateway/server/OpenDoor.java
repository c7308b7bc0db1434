package dev.krafla.gateway.server;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import java.net.InetAddress;
import java.util.Optional;

/** Lets everybody in, for nothing: a gateway without keys. */
public final class OpenDoor implements Gatekeeper {
  private static final Caller ANYBODY =
      new Caller(0, "anybody", 0, Optional.empty(), Optional.empty(), Optional.empty(), "");

  private static final Reservation NOTHING =
      new Reservation() {
        @Override
        public void settle(Spending spent) {
          // Nobody keeps accounts.
        }

        @Override
        public void close() {
          // Nothing was set aside.
        }
      };

  public OpenDoor() {}

  @Override
  public Caller identify(Optional<String> key, InetAddress from) {
    return ANYBODY;
  }

  @Override
  public Reservation reserve(Caller caller, Estimate most) {
    return NOTHING;
  }
}
