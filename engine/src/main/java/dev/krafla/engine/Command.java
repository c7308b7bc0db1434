package dev.krafla.engine;

/** What other threads ask of the engine's thread. */
sealed interface Command {
  record Submit(Generation generation) implements Command {}

  record Abort(Generation generation) implements Command {}

  record Embed(Embedder.Job job) implements Command {}

  record Stop() implements Command {}
}
