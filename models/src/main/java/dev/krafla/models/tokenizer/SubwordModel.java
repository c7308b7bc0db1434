package dev.krafla.models.tokenizer;

/** Cuts a piece of text into tokens. Immutable and thread-safe. */
sealed interface SubwordModel permits BpeModel, UnigramModel {
  /** A worker with buffers of its own, for one thread. */
  Worker worker();

  /** See {@link #worker}. */
  interface Worker {
    /** Appends the ids of {@code text[from, to)} to {@code out}. */
    void encode(String text, int from, int to, IntList out);
  }
}
