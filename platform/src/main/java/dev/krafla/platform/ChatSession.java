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
import java.util.function.Supplier;
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
    var text = new StringBuilder();
    Optional<String> finish = Optional.empty();
    Optional<TokenUsage> usage = Optional.empty();
    long asked = System.nanoTime();
    long first = 0;
    try (ChatStream stream = client.stream(ChatRequest.of(model, sent, options))) {
      running.set(stream);
      for (ChatChunk chunk : stream) {
        first = first == 0 && hasText(chunk) ? System.nanoTime() : first;
        finish =
            chunk.choices().stream()
                .flatMap(c -> c.finishReason().stream())
                .findFirst()
                .or(keep(finish));
        usage = chunk.usage().or(keep(usage));
        for (ChatChunk.Choice choice : chunk.choices()) {
          choice.delta().reasoning().ifPresent(listener::reasoning);
        }
        if (!chunk.text().isEmpty()) {
          listener.text(chunk.text());
          text.append(chunk.text());
        }
        if (stopped) {
          break;
        }
      }
    } finally {
      running.set(null);
    }
    Duration firstToken = first == 0 ? Duration.ZERO : Duration.ofNanos(first - asked);
    Duration total = Duration.ofNanos(System.nanoTime() - asked);
    return new Answer(text.toString(), stopped, finish, firstToken, total, usage);
  }

  private static boolean hasText(ChatChunk chunk) {
    return !chunk.text().isEmpty()
        || chunk.choices().stream().anyMatch(c -> c.delta().reasoning().isPresent());
  }

  private static <T> Supplier<Optional<T>> keep(Optional<T> earlier) {
    return () -> earlier;
  }
}
