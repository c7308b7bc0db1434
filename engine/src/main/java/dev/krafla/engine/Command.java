package dev.krafla.engine;

import dev.krafla.engine.transfer.Lease;
import java.lang.foreign.MemorySegment;

/** What other threads ask of the engine's thread. */
sealed interface Command {
  record Submit(Generation generation) implements Command {}

  record Abort(Generation generation) implements Command {}

  record Embed(Embedder.Job job) implements Command {}

  /** A load has the logits at the end of its sequence's prompt; they are the reader's to keep. */
  record LogitsLoaded(Load load, MemorySegment logits) implements Command {}

  /** A load has ended; its blocks are the sequence's again. */
  record Loaded(Load load) implements Command {}

  /** Nobody reads what {@code lease} keeps any more; it has ended. */
  record LeaseVacated(Lease lease) implements Command {}

  record Stop() implements Command {}
}
