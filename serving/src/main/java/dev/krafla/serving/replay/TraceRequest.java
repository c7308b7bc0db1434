package dev.krafla.serving.replay;

import java.util.List;

/**
 * One request of a trace.
 *
 * @param timestampMillis when it arrived, since the trace's start
 * @param inputLength tokens of its prompt
 * @param outputLength tokens of its answer
 * @param hashIds what its blocks hold, in order: equal ids are equal tokens; the last block may be
 *     partly filled
 */
public record TraceRequest(
    long timestampMillis, int inputLength, int outputLength, List<Integer> hashIds) {
  public TraceRequest {
    hashIds = List.copyOf(hashIds);
  }
}
