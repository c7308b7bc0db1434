package dev.krafla.engine;

import dev.krafla.engine.EndedRequest.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How requests end: frees what they hold, at once, and tells of it at the end of the turn, when the
 * counters are out. Only the first end of a request counts. Owned by the engine's thread.
 */
final class Endings {
  private final Scheduler scheduler;
  private final HandOffs handOffs;
  private final Admission admission;
  private final EndedListeners listeners;
  private final LongSupplier clock; // nanoseconds
  private final Set<Generation> live = new LinkedHashSet<>();
  private final List<Runnable> outcomes = new ArrayList<>(); // of requests that ended this turn
  private long finished;
  private long aborted;
  private long failed;
  private long shed;

  Endings(
      Scheduler scheduler,
      HandOffs handOffs,
      Admission admission,
      EndedListeners listeners,
      LongSupplier clock) {
    this.scheduler = scheduler;
    this.handOffs = handOffs;
    this.admission = admission;
    this.listeners = listeners;
    this.clock = clock;
  }

  /** A request has come, which will end one day. */
  void expect(Generation generation) {
    live.add(generation);
  }

  /** All answers are complete. */
  void finish(Generation generation) {
    if (release(generation, Outcome.FINISHED, () -> generation.stream.end(generation.usage()))) {
      finished++;
    }
  }

  /** Nobody reads it any more. */
  void abort(Generation generation) {
    if (release(generation, Outcome.ABORTED, () -> generation.stream.end(generation.usage()))) {
      aborted++;
    }
  }

  /** Its first token cannot come in time. */
  void shed(Generation generation, EngineException why) {
    if (release(generation, Outcome.SHED, () -> generation.stream.fail(why, generation.usage()))) {
      shed++;
    }
  }

  void fail(Generation generation, String message, Throwable cause) {
    var error = new GenerationFailed(message, cause);
    if (release(
        generation, Outcome.FAILED, () -> generation.stream.fail(error, generation.usage()))) {
      failed++;
    }
  }

  void failAll(String message, Throwable cause) {
    List.copyOf(live).forEach(generation -> fail(generation, message, cause));
  }

  /** The engine is closed: each answer's last event says that it was broken off. */
  void abortAll() {
    for (Generation generation : List.copyOf(live)) {
      if (release(generation, Outcome.ABORTED, () -> endAborted(generation))) {
        aborted++;
      }
    }
  }

  private static void endAborted(Generation generation) {
    for (Sequence s : generation.sequences) {
      if (!s.ended) {
        var event =
            new TokenEvent(
                s.choice,
                TokenEvent.NO_TOKEN,
                "",
                Optional.empty(),
                Optional.of(FinishReason.ABORTED));
        generation.stream.publish(event, generation.usage());
      }
    }
    generation.stream.end(generation.usage());
  }

  /** The one way out: frees all that a request holds. A second call does nothing: gives false. */
  private boolean release(Generation generation, Outcome how, Runnable outcome) {
    if (generation.ended) {
      return false;
    }
    generation.ended = true;
    generation.sequences.forEach(scheduler::finish);
    live.remove(generation);
    if (!generation.leftQueue) {
      generation.leftQueue = true;
      admission.left();
    }
    for (Sequence s : generation.sequences) {
      if (s.load != null && s.load.isFirst) { // what it was to read counts for nothing
        generation.loaded(0, s.load.expectedTokens());
      }
    }
    handOffs.dismiss(generation);
    generation.leave(clock.getAsLong());
    outcomes.add(() -> {
      listeners.tell(
          new EndedRequest(
              generation.request.terms(), how, generation.admitted, generation.usage()));
      outcome.run();
      admission.ended();
    });
    return true;
  }

  /** Tells listeners, and then the streams, of the requests that have ended since the last call. */
  void tell() {
    outcomes.forEach(Runnable::run);
    outcomes.clear();
  }

  long finished() {
    return finished;
  }

  long aborted() {
    return aborted;
  }

  long failed() {
    return failed;
  }

  long shed() {
    return shed;
  }
}
