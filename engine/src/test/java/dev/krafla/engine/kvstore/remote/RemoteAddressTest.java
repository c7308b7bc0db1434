package dev.krafla.engine.kvstore.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteAddressTest {
  @Test
  void readsHostPortDatabaseUserAndTls() {
    assertThat(RemoteAddress.parse("redis://cache"))
        .isEqualTo(new RemoteAddress("cache", 6379, 0, Optional.empty(), false));
    assertThat(RemoteAddress.parse("rediss://krafla@10.0.0.7:7000/3"))
        .isEqualTo(new RemoteAddress("10.0.0.7", 7000, 3, Optional.of("krafla"), true))
        .hasToString("rediss://10.0.0.7:7000/3");
    assertThat(RemoteAddress.parse("redis://[::1]:6380/").host()).isEqualTo("[::1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://user:hunter2@host",
        "redis://:hunter2@host",
        "redis://hunter2:@host:99999",
        "http://u:hunter2@host",
        "redis://u:hunter2@ho st",
        "redis://u:hun@ter2@host:x",
        "redis://u:hunter2@",
      })
  void anAddressWithAPasswordIsRefusedAndItsPasswordNotRepeated(String text) {
    assertThatThrownBy(() -> RemoteAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redis://[user@]host")
        .hasMessageNotContaining("hunter2")
        .hasMessageNotContaining("ter2")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cache",
        "cache:6379",
        "redis:",
        "redis://",
        "redis:///1",
        "redis://h/one",
        "redis://h/-1",
        "redis://h/1/2",
        "redis://h:0",
        "redis://h:70000",
        "redis://h?db=1",
        "redis://h#1",
        "valkey://h"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> RemoteAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rediss:// for TLS");
  }
}
