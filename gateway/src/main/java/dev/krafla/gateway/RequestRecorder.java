package dev.krafla.gateway;

/** Who keeps what became of requests. Called once for each, when it is over, from its thread. */
@FunctionalInterface
public interface RequestRecorder {
  /** Keeps nothing. */
  RequestRecorder NONE = request -> {};

  /** Takes a request that is over. Never blocks and never throws: what does not fit is counted. */
  void record(RequestRecord request);
}
