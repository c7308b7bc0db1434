package dev.krafla.serving.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RouterTest {
  private static final int BLOCK = 16;
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();

  private Router router(Policy policy, int replicas) {
    return new Router(policy.picker(5), replicas, BLOCK, 1000, clock::get);
  }

  private static int[] prompt(long seed, int tokens) {
    return new SplittableRandom(seed).ints(tokens, 0, 1000).toArray();
  }

  private static int[] joined(int[] first, int[] second) {
    int[] both = new int[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static RouteRequest request(int[] prompt) {
    return RouteRequest.of(prompt, BLOCK);
  }

  @Test
  void aConversationStaysWhereItsBeginningIs() {
    Router router = router(Policy.PREFIX, 4);
    int[] first = prompt(1, 200);
    Router.Ticket ticket = router.send(request(first));
    ticket.begun();
    ticket.ended();
    for (int other = 2; other < 20; other++) { // others pass by
      Router.Ticket passing = router.send(request(prompt(other, 100)));
      passing.begun();
      passing.ended();
    }
    clock.set(60 * SECOND);
    assertThat(router.send(request(joined(first, prompt(99, 50)))).replica())
        .isEqualTo(ticket.replica());
  }

  @Test
  void whatComesRightBehindFollowsBeforeAnythingIsProved() {
    Router router = router(Policy.PREFIX, 4);
    int[] shared = prompt(1, 400);
    int replica = router.send(request(joined(shared, prompt(2, 30)))).replica();
    assertThat(router.send(request(joined(shared, prompt(3, 30)))).replica()).isEqualTo(replica);
  }

  @Test
  void aGuessThatNothingProvedIsNoReasonAfterTwoSeconds() {
    Router router = router(Policy.PREFIX, 2);
    int[] shared = prompt(1, 400);
    Router.Ticket lost = router.send(request(shared));
    lost.ended(); // it failed: nothing is known to be cached
    router.available(1 - lost.replica(), true);
    Router.Ticket elsewhere = router.send(request(prompt(7, 10)));
    clock.set(3 * SECOND);
    // Both are as good now but for one request that runs on the other or on the same.
    assertThat(router.send(request(joined(shared, prompt(3, 30)))).replica())
        .isNotEqualTo(elsewhere.replica());
  }

  /** Two replicas; the one that holds {@code shared} has some {@code tokens} to compute first. */
  private Router busyHome(int[] shared, int tokens) {
    Router router = router(Policy.PREFIX, 2);
    router.available(1, false);
    Router.Ticket first = router.send(request(shared));
    first.begun();
    first.ended();
    for (int sent = 0; sent < tokens; sent += 200) {
      router.send(request(prompt(500 + sent, 200)));
    }
    router.available(1, true);
    return router;
  }

  @Test
  void aLongQueueOutweighsASmallSaving() {
    int[] shared = prompt(1, 32);
    Router router = busyHome(shared, 2000);
    assertThat(router.send(request(joined(shared, prompt(3, 50)))).replica()).isEqualTo(1);
  }

  @Test
  void urgencySaysHowMuchSavedWorkCounts() {
    for (RequestClass urgency : RequestClass.values()) {
      int[] shared = prompt(1, 160); // 160 tokens saved against 1,000 queued
      Router router = busyHome(shared, 1000);
      RouteRequest plain = request(joined(shared, prompt(3, 16)));
      var asked = new RouteRequest(plain.keys(), plain.promptTokens(), urgency);
      assertThat(router.send(asked).replica())
          .as(urgency.name())
          .isEqualTo(urgency == RequestClass.INTERACTIVE ? 1 : 0);
    }
  }

  @Test
  void aReplicaThatIsAwayGetsNothingAndComesBackEmpty() {
    Router router = router(Policy.PREFIX, 2);
    int[] prompt = prompt(1, 320);
    Router.Ticket first = router.send(request(prompt));
    first.begun();
    first.ended();
    int home = first.replica();
    router.available(home, false);
    Router.Ticket second = router.send(request(prompt));
    assertThat(second.replica()).isNotEqualTo(home);
    second.begun();
    second.ended();
    router.available(home, true);
    assertThat(router.send(request(prompt)).replica()).isNotEqualTo(home);
    router.available(0, false);
    router.available(1, false);
    assertThatThrownBy(() -> router.send(request(prompt)))
        .isInstanceOf(NoReplica.class)
        .hasMessageContaining("2 replicas");
  }

  @Test
  void roundRobinTakesTurnsAndSkipsWhoIsAway() {
    Router router = router(Policy.ROUND_ROBIN, 3);
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      turns.add(router.send(request(prompt(1, 100))).replica());
    }
    router.available(1, false);
    turns.add(router.send(request(prompt(1, 100))).replica());
    assertThat(turns).containsExactly(0, 1, 2, 0, 2);
  }

  /** Whatever happens, in whatever order: the counts come back to nothing. */
  @ParameterizedTest
  @EnumSource(Policy.class)
  void countsComeBackToNothing(Policy policy) {
    for (long seed = 0; seed < 20; seed++) {
      var random = new SplittableRandom(seed);
      Router router = router(policy, 5);
      List<Router.Ticket> open = new ArrayList<>();
      for (int turn = 0; turn < 500; turn++) {
        clock.addAndGet(random.nextLong(SECOND));
        if (open.isEmpty() || random.nextBoolean()) {
          open.add(router.send(request(prompt(random.nextInt(10), 20 + random.nextInt(300)))));
        } else {
          Router.Ticket ticket = open.get(random.nextInt(open.size()));
          switch (random.nextInt(3)) {
            case 0 -> ticket.begun();
            case 1 -> {
              ticket.begun();
              ticket.ended();
              open.remove(ticket);
            }
            default -> {
              ticket.ended();
              ticket.ended();
              ticket.begun();
              open.remove(ticket);
            }
          }
        }
        int running = 0;
        for (int replica = 0; replica < 5; replica++) {
          running += router.running(replica);
          assertThat(router.queuedTokens(replica)).isNotNegative();
        }
        assertThat(running).isEqualTo(open.size());
      }
      open.forEach(Router.Ticket::ended);
      for (int replica = 0; replica < 5; replica++) {
        assertThat(router.running(replica)).isZero();
        assertThat(router.queuedTokens(replica)).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Policy.class)
  void withoutAnythingSharedAllGetTheirShare(Policy policy) {
    Router router = router(policy, 4);
    int[] got = new int[4];
    for (int i = 0; i < 400; i++) {
      got[router.send(request(prompt(i, 100))).replica()]++;
    }
    assertThat(Arrays.stream(got)).allMatch(n -> n > 60 && n < 140);
  }
}
