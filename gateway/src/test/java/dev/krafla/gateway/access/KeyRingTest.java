package dev.krafla.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.money.Ledger;
import dev.krafla.gateway.money.LedgerJournal;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KeyRingTest {
  private static final InetAddress HOME = InetAddress.getLoopbackAddress();
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
  private final KeyRing ring = ring(now::get);

  private static KeyRing ring(InstantSource clock) {
    var ledger = new Ledger(LedgerJournal.NONE, clock, 0);
    ledger.open(1, ZoneOffset.UTC);
    return new KeyRing(ledger, clock);
  }

  private static ApiKey key(long id, NewKey text, List<String> models, List<Network> networks) {
    var caller =
        new Caller(id, "k" + id, 1, Optional.empty(), Optional.empty(), Optional.empty(), "salt");
    return new ApiKey(
        caller,
        text.hint(),
        text.hash(),
        Optional.empty(),
        models,
        networks,
        NOON,
        Optional.empty(),
        Optional.empty());
  }

  private final NewKey text = NewKey.random(new SecureRandom());

  private void refused(String sent, InetAddress from, int status, String message) {
    assertThatThrownBy(() -> ring.identify(Optional.of(sent), from))
        .asInstanceOf(type(GatewayRefusal.class))
        .satisfies(r -> assertThat(r.status()).isEqualTo(status))
        .extracting(Throwable::getMessage)
        .asString()
        .contains(message)
        .doesNotContain(text.text());
  }

  @Test
  void aKeyHas256RandomBitsAndShowsNoneInLogs() {
    NewKey other = NewKey.random(new SecureRandom());

    assertThat(text.text()).matches("kr-[A-Za-z0-9_-]{43}").isNotEqualTo(other.text());
    assertThat(text.toString()).doesNotContain(text.text().substring(8));
    assertThat(text.hash().toString()).doesNotContain(text.text());
  }

  @Test
  void theHolderOfAKeyIsFoundAndEveryOtherKeyIsRefused() {
    ring.put(key(7, text, List.of(), List.of()));

    assertThat(ring.identify(Optional.of(text.text()), HOME).keyId()).isEqualTo(7);
    refused(text.text() + "x", HOME, 401, "the API key is wrong");
    refused(text.text().substring(0, 20), HOME, 401, "the API key is wrong");
    refused("", HOME, 401, "the API key is wrong");
    refused("k".repeat(1 << 20), HOME, 401, "the API key is wrong");
    assertThatThrownBy(() -> ring.identify(Optional.empty(), HOME)).hasMessageContaining("Bearer");
  }

  @Test
  void aKeyIsRefusedFromTheMomentAtWhichItExpires() {
    ring.put(key(7, text, List.of(), List.of()).expiring(NOON.plusSeconds(60)));
    now.set(NOON.plusSeconds(59));
    ring.identify(Optional.of(text.text()), HOME);

    now.set(NOON.plusSeconds(60));
    refused(text.text(), HOME, 401, "expired at 2026-11-24T12:01:00Z");
  }

  @Test
  void aRevokedKeyIsRefusedAtOnceEvenWithinARequest() {
    ApiKey key = key(7, text, List.of(), List.of());
    ring.put(key);
    Caller caller = ring.identify(Optional.of(text.text()), HOME);

    ring.put(key.revoked(NOON));

    refused(text.text(), HOME, 401, "was revoked");
    assertThatThrownBy(() -> ring.reserve(caller, new Estimate("m", 1, 1, 1)))
        .hasMessageContaining("was revoked");
    ring.remove(7);
    refused(text.text(), HOME, 401, "the API key is wrong");
    assertThat(ring.size()).isZero();
  }

  @Test
  void aKeyIsKeptToItsModelsAndNetworks() {
    ring.put(key(7, text, List.of("gpt-*", "gemma"), List.of(Network.parse("10.0.0.0/8"))));
    InetAddress inside = InetAddress.ofLiteral("10.3.3.3");
    refused(text.text(), HOME, 403, "may not be used from 127.0.0.1");
    Caller caller = ring.identify(Optional.of(text.text()), inside);

    ring.reserve(caller, new Estimate("gpt-9", 1, 1, 1)).close();
    ring.reserve(caller, new Estimate("gemma", 1, 1, 1)).close();
    assertThatThrownBy(() -> ring.reserve(caller, new Estimate("gemma-2", 1, 1, 1)))
        .asInstanceOf(type(GatewayRefusal.class))
        .satisfies(r -> assertThat(r.status()).isEqualTo(403))
        .extracting(Throwable::getMessage)
        .asString()
        .contains("may not use model 'gemma-2'");
  }

  @Test
  void wrongKeysByTheThousandLeaveNothingBehind() {
    ring.put(key(7, text, List.of(), List.of()));
    for (int i = 0; i < 100_000; i++) {
      String sent = "kr-" + i;
      assertThatThrownBy(() -> ring.identify(Optional.of(sent), HOME))
          .isInstanceOf(GatewayRefusal.class);
    }

    assertThat(ring.size()).isEqualTo(1);
  }
}
