package dev.krafla.serving.replica;

import java.util.List;

/**
 * What the last look at a replica said.
 *
 * @param ready whether it welcomes requests
 * @param reason why it does not; empty when it does
 * @param models ids that it serves
 */
public record ReplicaHealth(boolean ready, String reason, List<String> models, ReplicaLoad load) {
  public ReplicaHealth {
    models = List.copyOf(models);
  }

  /** Before the first look. */
  static final ReplicaHealth NOT_SEEN = unready("it has not answered yet");

  static ReplicaHealth unready(String reason) {
    return new ReplicaHealth(false, reason, List.of(), ReplicaLoad.UNKNOWN);
  }
}
