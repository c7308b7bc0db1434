package dev.krafla.engine.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.transfer.Lease.End;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private static final List<End> ENDS = List.of(End.ACKNOWLEDGED, End.EXPIRED, End.REVOKED);

  private static Lease lease(Consumer<Lease> onVacated) {
    return new Lease(new KvKey(1, 2), 3, new BlockTable(), MemorySegment.NULL, 4, onVacated);
  }

  @Test
  void blocksAreHeldUntilTheLastReaderHasGone() {
    var vacated = new AtomicInteger();
    Lease lease = lease(l -> vacated.incrementAndGet());
    assertThat(lease.beginRead()).isTrue();
    assertThat(lease.beginRead()).isTrue();
    assertThat(lease.close(End.EXPIRED)).isTrue();
    assertThat(lease.close(End.ACKNOWLEDGED)).isFalse();
    assertThat(lease.beginRead()).isFalse();
    lease.endRead();
    assertThat(vacated).hasValue(0);
    lease.endRead();
    assertThat(vacated).hasValue(1);
    assertThat(lease.end()).hasValue(End.EXPIRED);
  }

  @Test
  void aLeaseThatNobodyReadsIsVacatedAtOnce() {
    var vacated = new AtomicInteger();
    Lease lease = lease(l -> vacated.incrementAndGet());
    assertThat(lease.beginRead()).isTrue();
    lease.endRead();
    assertThat(vacated).hasValue(0);
    lease.close(End.REVOKED);
    assertThat(vacated).hasValue(1);
  }

  @Test
  void howeverReadersAndEndsRaceItIsVacatedOnceAndUnread() throws InterruptedException {
    for (int seed = 0; seed < 300; seed++) {
      var reading = new AtomicInteger();
      var vacated = new AtomicInteger();
      var readWhenVacated = new AtomicInteger();
      Lease lease =
          lease(l -> {
            vacated.incrementAndGet();
            readWhenVacated.addAndGet(reading.get());
          });
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        var random = new SplittableRandom(seed * 10L + t);
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  for (int i = 0; i < 20; i++) {
                    if (lease.beginRead()) {
                      reading.incrementAndGet();
                      LockSupport.parkNanos(1_000);
                      reading.decrementAndGet();
                      lease.endRead();
                    }
                    if (random.nextInt(20) == 0) {
                      lease.close(ENDS.get(random.nextInt(ENDS.size())));
                    }
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      lease.close(End.EXPIRED);
      assertThat(vacated).hasValue(1);
      assertThat(readWhenVacated).hasValue(0);
      assertThat(lease.isRead()).isFalse();
    }
  }
}
