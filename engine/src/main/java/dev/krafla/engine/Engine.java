package dev.krafla.engine;

import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.Tokenizer;
import java.time.Duration;

/**
 * Serves one model to many users in this process.
 *
 * <pre>{@code
 * try (var engine = Engine.start(model, EngineConfig.DEFAULTS);
 *     var tokens = engine.submit(Request.of(model.tokenizer().encode("Hello", true, false), 100))) {
 *   tokens.forEach(t -> System.out.print(t.text()));
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread. The model is the caller's: it must not be used
 * elsewhere or closed while the engine runs.
 */
@SuppressWarnings("DoNotCallSuggester") // bodies land next
public final class Engine implements AutoCloseable {

  private Engine() {}

  /** Starts an engine for {@code model}. */
  public static Engine start(LoadedModel model, EngineConfig config) {
    return start(model.lm(), model.tokenizer(), config);
  }

  /**
   * Starts an engine for a model and its tokenizer.
   *
   * @throws IllegalArgumentException when the KV cache that {@code config} asks for cannot hold a
   *     single block
   */
  public static Engine start(CausalLm lm, Tokenizer tokenizer, EngineConfig config) {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /**
   * Queues a request; its tokens come through the stream.
   *
   * @throws InvalidRequest when the constraint cannot be compiled
   * @throws RequestTooLarge when the prompt leaves no room for one token of output
   * @throws QueueFull when {@code maxQueued} requests wait already
   * @throws EngineClosed when the engine is draining or closed
   */
  public TokenStream submit(Request request) {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /**
   * The embedding of {@code tokens}, pooled as the model says and of length 1. Blocks until it is
   * computed, in turn with the answers that are running.
   *
   * @throws InvalidRequest when the model was not made for embeddings
   * @throws RequestTooLarge when the tokens exceed the context
   */
  public float[] embed(int[] tokens) {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /** Counters as of the end of the last step. */
  public EngineStats stats() {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /** Most tokens that prompt and answer may have together: the context, or the whole KV cache. */
  public int maxSequenceTokens() {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /**
   * Takes no new requests and waits until those it has are done.
   *
   * @return whether all ended within {@code limit}; what is left goes on until {@link #close}
   */
  public boolean drain(Duration limit) {
    throw new UnsupportedOperationException("lands within the hour");
  }

  /** Aborts what is left, ends the engine's threads and frees the KV cache. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("lands within the hour");
  }
}
