package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LargeMemoryTest {
  @Test
  void memoryIsZeroedAlignedWritableAndBoundToItsArena() {
    long bytes = (5L << 20) + 123;
    MemorySegment memory;
    try (Arena arena = Arena.ofShared()) {
      memory = LargeMemory.allocate(arena, bytes);
      assertThat(memory.byteSize()).isEqualTo(bytes);
      assertThat(memory.address() % 4096).isZero();
      for (long at = 0; at < bytes; at += 4096) {
        assertThat(memory.get(ValueLayout.JAVA_BYTE, at)).isZero();
      }
      memory.fill((byte) 1);
    }
    assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void moreThanTheMachineCanAddressIsAnErrorAndNotACrash() {
    try (Arena arena = Arena.ofShared()) {
      assertThatThrownBy(() -> LargeMemory.allocate(arena, 1L << 55))
          .isInstanceOf(OutOfMemoryError.class);
    }
  }
}
