package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Turns a trace into requests that can be sent. */
public final class TraceLoad {
  private TraceLoad() {}

  /**
   * The requests of {@code trace}, in its order.
   *
   * @param rate how many times as fast as recorded they come; infinite: all are due at once
   * @throws InvalidTrace when a scaled block is too short to tell all hash ids apart
   */
  public static List<Work> of(
      List<TraceRequest> trace, TraceScale scale, double rate, MadeUpTokens tokens) {
    int maxId = trace.stream().mapToInt(r -> Collections.max(r.hashIds())).max().orElse(0);
    int digits = tokens.digits(maxId);
    if (digits > scale.blockTokens()) {
      throw new InvalidTrace(
          "blocks of %d tokens cannot tell %d hash ids apart with this vocabulary; they need %d"
              .formatted(scale.blockTokens(), maxId + 1, digits));
    }
    var works = new ArrayList<Work>(trace.size());
    for (TraceRequest request : trace) {
      int length = scale.length(request.inputLength());
      Duration at = Duration.ofNanos(Math.round(request.timestampMillis() * 1e6 / rate));
      works.add(
          new Work(
              works.size(),
              at,
              scale.length(request.outputLength()),
              () -> tokens.prompt(request.hashIds(), length, scale.blockTokens(), digits)));
    }
    return works;
  }
}
