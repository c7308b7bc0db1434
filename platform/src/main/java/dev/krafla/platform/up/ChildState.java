package dev.krafla.platform.up;

import java.time.Duration;

/** Where a child is in its life. */
public sealed interface ChildState {
  /** A word for people and programs. */
  String word();

  /** It runs and does not do its work yet. */
  record Starting(long pid) implements ChildState {
    @Override
    public String word() {
      return "starting";
    }
  }

  /** It does its work. */
  record Ready(long pid) implements ChildState {
    @Override
    public String word() {
      return "ready";
    }
  }

  /** It has ended unasked, and is started again after a pause. */
  record Failed(String reason, Duration pause) implements ChildState {
    @Override
    public String word() {
      return "failed";
    }
  }

  /** It was stopped. */
  record Stopped() implements ChildState {
    @Override
    public String word() {
      return "stopped";
    }
  }
}
