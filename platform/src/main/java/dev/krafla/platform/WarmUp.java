package dev.krafla.platform;

import dev.krafla.engine.EngineConfig;
import dev.krafla.kernels.KvCache;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelInfo.Pooling;
import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.ChatStream;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Runs the way of a request before the first user does: without it that one waits half a second for
 * classes to be loaded. On an engine and a worker of its own, so that nothing of it shows in
 * anybody's counts.
 */
final class WarmUp {
  private static final Logger LOG = System.getLogger(WarmUp.class.getName());

  /** The longest that a start is held up, beside one short answer. */
  private static final long NANOS = 1_000_000_000L;

  private static final int ROUNDS = 60;

  /** Room for one short chat, however long its template is. */
  private static final int BLOCKS = 128;

  private static final String TEXT =
      "Volcanoes erupt where hot rock rises; in 1984, near Krafla (Iceland), it did. ".repeat(30);

  private WarmUp() {}

  /** Warms up what serves {@code model}, if it chats. A failure costs only speed. */
  static void run(OpenModel model, EngineConfig config) {
    LoadedModel loaded = model.loaded();
    if (loaded.chatTemplate().isEmpty() || loaded.lm().info().embedding() != Pooling.NONE) {
      return;
    }
    EngineConfig small =
        EngineConfig.DEFAULTS
            .withKvType(config.kvType())
            .withKvBytes(BLOCKS * KvCache.blockBytes(loaded.lm().kvShape(), config.kvType()))
            .withMaxBatchTokens(config.maxBatchTokens());
    try (PrivateWorker worker = PrivateWorker.start(model, small)) {
      long end = System.nanoTime() + NANOS;
      for (int i = 0; i < ROUNDS && System.nanoTime() < end; i++) {
        loaded.tokenizer().encode(TEXT, true, false);
        chat(worker.client(), model.source().name());
      }
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "the warm-up has failed, and the first request will be slower", e);
    }
  }

  /** The same each time: from the second on, no prompt is computed. */
  private static void chat(OpenAiClient client, String id) {
    GenerationOptions options =
        GenerationOptions.DEFAULTS.with(OptionalInt.of(2), Optional.of(0.0));
    var request = ChatRequest.of(id, List.of(ChatMessage.user("Hi")), options);
    try (ChatStream answer = client.stream(request)) {
      for (ChatChunk chunk : answer) {
        chunk.choices();
      }
    }
  }
}
