package dev.krafla.serving.replica;

import java.util.Locale;

/** What part of a request's work a replica is there for. */
public enum ReplicaRole {
  /** Whole requests. */
  BOTH,
  /** Prompts only; their KV blocks are then fetched from it. */
  PREFILL,
  /** Answers, whose prompts others have computed; short prompts, or where none can, its own. */
  DECODE;

  /** As in a file of replicas: {@code prefill}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
