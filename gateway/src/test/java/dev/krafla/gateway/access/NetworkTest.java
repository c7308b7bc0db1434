package dev.krafla.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,     10.255.1.2,   true",
    "10.0.0.0/8,     11.0.0.1,     false",
    "10.1.2.3,       10.1.2.3,     true",
    "10.1.2.3,       10.1.2.4,     false",
    "10.1.2.128/25,  10.1.2.127,   false",
    "10.1.2.128/25,  10.1.2.200,   true",
    "0.0.0.0/0,      203.0.113.9,  true",
    "0.0.0.0/0,      ::1,          false",
    "2001:db8::/33,  2001:db8::1,  true",
    "2001:db8::/33,  2001:db8:8000::1, false",
    "::1,            ::1,          true",
  })
  void anAddressIsInANetworkOrNot(String network, String address, boolean in) {
    assertThat(Network.parse(network).contains(InetAddress.ofLiteral(address))).isEqualTo(in);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129", "/8"})
  void whatIsNoNetworkIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Network.parse(text));
  }
}
