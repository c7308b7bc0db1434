package dev.krafla.platform;

import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.ChatStream;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import dev.krafla.wire.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a model behind an OpenAI-shaped server. For one thread, except {@link #stop},
 * which any thread may call.
 */
final class ChatSession {
  private final OpenAiClient client;
  private final String model;
  private final GenerationOptions options;
  private final List<ChatMessage> messages = new ArrayList<>();
  private final AtomicReference<@Nullable ChatStream> running = new AtomicReference<>();
  private Optional<String> system = Optional.empty();
  private volatile boolean stopped;

  /** Hears the pieces of an answer as they come. */
  interface Listener {
    /** A piece of what the model thinks before it answers. */
    void reasoning(String piece);

    /** A piece of the answer. */
    void text(String piece);
  }

  ChatSession(OpenAiClient client, String model, GenerationOptions options) {
    this.client = client;
    this.model = model;
    this.options = options;
  }

  /** Starts anew, under {@code text} as the system message; an empty text is none. */
  void system(String text) {
    system = Optional.of(text).filter(t -> !t.isBlank());
    messages.clear();
  }

  /** Forgets what was said; the system message stays. */
  void reset() {
    messages.clear();
  }

  /** Messages so far, the system message left out. */
  int size() {
    return messages.size();
  }

  /**
   * Asks and waits for the whole answer, which becomes part of the conversation; after a failure
   * the conversation is as it was before.
   *
   * @throws dev.krafla.wire.WireException when the server refuses or leaves
   */
  Answer ask(String question, Listener listener) {
    messages.addLast(ChatMessage.user(question));
    try {
      Answer answer = exchange(listener);
      messages.addLast(ChatMessage.assistant(answer.text()));
      return answer;
    } catch (RuntimeException e) {
      messages.removeLast();
      throw e;
    }
  }

  /** Cuts the running answer off, if there is one; what has come of it stays. */
  void stop() {
    stopped = true;
    ChatStream stream = running.get();
    if (stream != null) {
      stream.close();
    }
  }

  private Answer exchange(Listener listener) {
    stopped = false;
    var sent = new ArrayList<ChatMessage>();
    system.map(ChatMessage::system).ifPresent(sent::add);
    sent.addAll(messages);
    var incoming = new Incoming(listener);
    try (ChatStream stream = client.stream(ChatRequest.of(model, sent, options))) {
      running.set(stream);
      for (ChatChunk chunk : stream) {
        incoming.take(chunk);
        if (stopped) {
          break;
        }
      }
    } finally {
      running.set(null);
    }
    return incoming.answer(stopped);
  }

  /** An answer while it comes. */
  private static final class Incoming {
    private final Listener listener;
    private final long asked = System.nanoTime();
    private final StringBuilder text = new StringBuilder();
    private long first;
    private int pieces;
    private Optional<String> finish = Optional.empty();
    private Optional<TokenUsage> usage = Optional.empty();

    Incoming(Listener listener) {
      this.listener = listener;
    }

    void take(ChatChunk chunk) {
      for (ChatChunk.Choice choice : chunk.choices()) {
        choice.delta().reasoning().ifPresent(this::reasoning);
        finish = choice.finishReason().or(() -> finish);
      }
      if (!chunk.text().isEmpty()) {
        count();
        listener.text(chunk.text());
        text.append(chunk.text());
      }
      usage = chunk.usage().or(() -> usage);
    }

    private void reasoning(String piece) {
      count();
      listener.reasoning(piece);
    }

    private void count() {
      if (pieces++ == 0) {
        first = System.nanoTime();
      }
    }

    Answer answer(boolean stopped) {
      Duration firstToken = pieces == 0 ? Duration.ZERO : Duration.ofNanos(first - asked);
      Duration total = Duration.ofNanos(System.nanoTime() - asked);
      return new Answer(text.toString(), stopped, finish, firstToken, total, pieces, usage);
    }
  }
}
