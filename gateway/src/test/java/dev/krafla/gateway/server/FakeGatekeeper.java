package dev.krafla.gateway.server;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One key, one budget; remembers what it was asked. */
final class FakeGatekeeper implements Gatekeeper {
  static final String KEY = "kr-right";

  final List<Estimate> estimates = new CopyOnWriteArrayList<>();
  final List<Spending> settled = new CopyOnWriteArrayList<>();
  final AtomicInteger givenBack = new AtomicInteger();
  volatile long budget = Long.MAX_VALUE;

  @Override
  public Caller identify(Optional<String> key, InetAddress from) {
    if (key.filter(KEY::equals).isEmpty()) {
      throw new GatewayRefusal(
          401, "the key is not known", "authentication_error", "invalid_api_key", Optional.empty());
    }
    return new Caller(1, "test", 1, Optional.empty(), Optional.empty(), Optional.empty(), "salt");
  }

  @Override
  public Reservation reserve(Caller caller, Estimate most) {
    estimates.add(most);
    if (most.nanodollars() > budget) {
      throw new GatewayRefusal(
          429, "the budget is spent", "insufficient_quota", "budget_exceeded", Optional.empty());
    }
    var over = new AtomicBoolean();
    return new Reservation() {
      @Override
      public void settle(Spending spent) {
        if (!over.getAndSet(true)) {
          settled.add(spent);
        }
      }

      @Override
      public void close() {
        if (!over.getAndSet(true)) {
          givenBack.incrementAndGet();
        }
      }
    };
  }
}
