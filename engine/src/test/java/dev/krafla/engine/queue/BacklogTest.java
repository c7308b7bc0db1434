package dev.krafla.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.SchedulingPolicy;
import dev.krafla.engine.ServiceClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whose turn it is, with numbers for work. */
class BacklogTest {
  private static final int QUANTUM = 100;
  private static final int STEP = 64;
  private static final SchedulingPolicy POLICY =
      SchedulingPolicy.DEFAULTS.withQuantumTokens(QUANTUM);

  private final Backlog<Job> backlog = new Backlog<>(POLICY);
  private final Map<Job, Integer> served = new HashMap<>();

  private record Job(ServiceClass serviceClass, String tenant, long turnNanos, long arrival)
      implements Claim {}

  private static Job job(ServiceClass c, String tenant, long arrival) {
    return new Job(c, tenant, 0, arrival);
  }

  private static Job normal(String tenant, long arrival) {
    return job(ServiceClass.NORMAL, tenant, arrival);
  }

  /** One step of {@code tokens}, each claim served at most {@code piece} of them. */
  private void step(int tokens, int piece) {
    backlog.begin();
    int left = tokens;
    while (left > 0) {
      Optional<Job> next = backlog.next();
      if (next.isEmpty()) {
        break;
      }
      int count = Math.min(piece, left);
      backlog.serve(next.get(), count);
      served.merge(next.get(), count, Integer::sum);
      left -= count;
    }
    backlog.end();
  }

  private int served(Job job) {
    return served.getOrDefault(job, 0);
  }

  private List<Job> turnsOfOneStep() {
    var order = new ArrayList<Job>();
    backlog.begin();
    for (Optional<Job> next = backlog.next(); next.isPresent(); next = backlog.next()) {
      order.add(next.get());
      backlog.serve(next.get(), 1);
    }
    backlog.end();
    return order;
  }

  @Test
  void ofOneTenantTheEarliestDueIsFirstAndOfEqualsTheOldest() {
    Job late = new Job(ServiceClass.NORMAL, "a", 50, 0);
    Job early = new Job(ServiceClass.NORMAL, "a", 10, 1);
    Job sameButOlder = new Job(ServiceClass.NORMAL, "a", 50, -1);
    List.of(late, early, sameButOlder).forEach(backlog::add);

    assertThat(turnsOfOneStep()).containsExactly(early, sameButOlder, late);
  }

  @Test
  void whoIsPutBeforeTheOneInTurnDoesNotLetThatHaveItsTurnTwice() {
    Job inTurn = new Job(ServiceClass.NORMAL, "a", 50, 0);
    backlog.add(inTurn);
    backlog.begin();
    assertThat(backlog.next()).contains(inTurn);
    Job drivenOut = new Job(ServiceClass.NORMAL, "a", 10, 1); // to make room for it
    backlog.add(drivenOut);
    backlog.serve(inTurn, 1);

    assertThat(backlog.next()).isEmpty();
    assertThat(turnsOfOneStep()).containsExactly(drivenOut, inTurn);
  }

  @Test
  void orderHoldsWhereTheClockPassesItsLargestValue() {
    Job before = new Job(ServiceClass.NORMAL, "a", Long.MAX_VALUE - 5, 1);
    Job after = new Job(ServiceClass.NORMAL, "a", Long.MIN_VALUE + 5, 0);
    List.of(after, before).forEach(backlog::add);

    assertThat(turnsOfOneStep()).containsExactly(before, after);
  }

  @Test
  void higherClassesGoFirstAndWhatTheyLeaveGoesOn() {
    Job batch = job(ServiceClass.BATCH, "a", 0);
    Job interactive = job(ServiceClass.INTERACTIVE, "b", 1);
    Job normal = normal("c", 2);
    List.of(batch, interactive, normal).forEach(backlog::add);

    assertThat(turnsOfOneStep()).containsExactly(interactive, normal, batch);
  }

  @Test
  void tenantsWhoHaveWorkWaitingAreNeverFurtherApartThanAQuantumAndAStep() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      var fair = new Backlog<Job>(POLICY);
      int tenants = 2 + random.nextInt(6);
      long[] computed = new long[tenants];
      long arrival = 0;
      for (int t = 0; t < tenants; t++) {
        for (int i = 0; i < STEP; i++) { // enough to fill a step by itself
          fair.add(normal("t" + t, arrival++));
        }
      }
      for (int s = 0; s < 400; s++) {
        fair.begin();
        int left = STEP;
        for (int t = 0; t < tenants; t++) { // running answers: nobody asks whose turn that is
          int decoded = random.nextInt(t + 1);
          fair.charge(normal("t" + t, -1), decoded);
          computed[t] += decoded;
          left -= decoded;
        }
        for (Optional<Job> next = fair.next(); left > 0 && next.isPresent(); next = fair.next()) {
          int count = Math.min(left, 1 + random.nextInt(STEP));
          Job job = next.get();
          fair.serve(job, count);
          computed[Integer.parseInt(job.tenant().substring(1))] += count;
          left -= count;
          if (random.nextInt(3) == 0) { // done; its tenant has the next one ready
            fair.add(normal(job.tenant(), arrival++));
            fair.remove(job);
          }
        }
        fair.end();
        long most = 0;
        long least = Long.MAX_VALUE;
        for (long c : computed) {
          most = Math.max(most, c);
          least = Math.min(least, c);
        }
        assertThat(most - least).as("seed %d step %d", seed, s).isLessThanOrEqualTo(QUANTUM + STEP);
      }
    }
  }

  @Test
  void whoComesLaterIsNotOwedThePast() {
    Job old = normal("old", 0);
    backlog.add(old);
    for (int i = 0; i < 100; i++) {
      step(STEP, STEP);
    }
    Job fresh = normal("fresh", 1);
    backlog.add(fresh);
    int before = served(old);
    for (int i = 0; i < 20; i++) {
      step(STEP, STEP);
    }
    assertThat(served(fresh)).isBetween(10 * STEP - QUANTUM - STEP, 10 * STEP + QUANTUM + STEP);
    assertThat(served(old) - before).isGreaterThan(10 * STEP - QUANTUM - STEP - 1);
  }

  @Test
  void lowerClassesGetTheirGuaranteedShareOfAFullMachineAndNoMore() {
    Job interactive = job(ServiceClass.INTERACTIVE, "a", 0);
    Job normal = normal("b", 1);
    Job batch = job(ServiceClass.BATCH, "c", 2);
    List.of(interactive, normal, batch).forEach(backlog::add);

    int steps = 20_000;
    for (int i = 0; i < steps; i++) {
      step(STEP, STEP);
    }
    double total = (double) steps * STEP;
    assertThat(served(normal) / total).isBetween(0.19, 0.21);
    assertThat(served(batch) / total).isBetween(0.045, 0.055);
  }

  @Test
  void batchTakesAllThatTheOthersLeaveAndGivesItBackAtOnce() {
    Job batch = job(ServiceClass.BATCH, "a", 0);
    backlog.add(batch);
    for (int i = 0; i < 50; i++) {
      step(STEP, STEP);
    }
    assertThat(served(batch)).isEqualTo(50 * STEP);
    Job interactive = job(ServiceClass.INTERACTIVE, "b", 1);
    backlog.add(interactive);
    for (int i = 0; i < 10; i++) {
      step(STEP, STEP);
    }
    assertThat(served(interactive)).isEqualTo(10 * STEP);
  }

  @Test
  void aClassThatCannotBeServedForLongIsOverdueUntilItIs() {
    Job interactive = job(ServiceClass.INTERACTIVE, "a", 0);
    Job batch = job(ServiceClass.BATCH, "b", 1);
    List.of(interactive, batch).forEach(backlog::add);
    int steps = 0;
    while (!backlog.isOverdue(ServiceClass.BATCH)) {
      assertThat(++steps).isLessThan(10_000);
      backlog.begin();
      backlog.next().filter(j -> j.equals(batch)).ifPresent(backlog::skip);
      backlog.serve(backlog.next().orElseThrow(), STEP);
      backlog.end();
    }
    for (int i = 0; i < 2; i++) {
      step(STEP, STEP);
    }
    assertThat(served(batch)).isEqualTo(2 * STEP);
    assertThat(backlog.isOverdue(ServiceClass.BATCH)).isFalse();
  }

  @Test
  void whatIsAddedOrRemovedInAStepIsNeitherOfferedTwiceNorLost() {
    Job first = normal("a", 5);
    Job second = normal("a", 6);
    List.of(first, second).forEach(backlog::add);
    backlog.begin();
    backlog.serve(backlog.next().orElseThrow(), 1);
    Job older = normal("a", 1); // was preempted just now: waits for the next step
    backlog.add(older);
    assertThat(backlog.next()).contains(second);
    assertThat(backlog.remove(first)).isTrue();
    assertThat(backlog.next()).contains(second);
    backlog.skip(second);
    assertThat(backlog.next()).isEmpty();
    backlog.end();
    assertThat(backlog.remove(first)).isFalse();

    assertThat(turnsOfOneStep()).containsExactly(older, second);
  }
}
