package dev.krafla.engine.transfer;

/** What a request has to do with another worker. */
public sealed interface HandOff {
  /** Another worker will go on with it: its prompt's KV is kept until that one has fetched it. */
  record Lend() implements HandOff {}

  /** Another worker has computed its prompt. */
  record Take(RemoteKv from) implements HandOff {}
}
