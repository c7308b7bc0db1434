package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineException;
import dev.krafla.engine.Request;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.Usage;
import dev.krafla.engine.transfer.RemoteKv;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.ObjIntConsumer;

/**
 * The answers to several prompts of one request, computed at the same time and read as one stream
 * in the order in which their tokens come. {@link #close} may come from any thread.
 */
final class PromptStreams implements AutoCloseable {
  private final List<TokenStream> streams = new ArrayList<>();

  /** What a stream's reader passes on. */
  private sealed interface Item {
    record Token(int prompt, TokenEvent event) implements Item {}

    record End() implements Item {}

    record Failure(EngineException cause) implements Item {}
  }

  /** Submits all, or none where one is refused. */
  static PromptStreams submit(Engine engine, List<Request> requests) {
    var all = new PromptStreams();
    try {
      requests.forEach(r -> all.streams.add(engine.submit(r)));
      return all;
    } catch (EngineException e) {
      all.close();
      throw e;
    }
  }

  /**
   * Gives each token and its prompt's place to {@code each}, on this thread, until all have ended.
   *
   * @throws EngineException where one of them failed
   */
  void forEach(ObjIntConsumer<TokenEvent> each) {
    if (streams.size() == 1) { // by far the most usual: no thread between
      streams.getFirst().forEach(e -> each.accept(e, 0));
      return;
    }
    BlockingQueue<Item> items = new LinkedBlockingQueue<>(); // bounded by the requests' max_tokens
    for (int i = 0; i < streams.size(); i++) {
      int prompt = i;
      Thread.ofVirtual().name("prompt " + i).start(() -> read(prompt, items));
    }
    for (int open = streams.size(); open > 0; ) {
      switch (take(items)) {
        case Item.Token(int prompt, TokenEvent event) -> each.accept(event, prompt);
        case Item.End _ -> open--;
        case Item.Failure(EngineException cause) -> throw cause;
      }
    }
  }

  private void read(int prompt, BlockingQueue<Item> items) {
    try {
      streams.get(prompt).forEach(e -> items.add(new Item.Token(prompt, e)));
      items.add(new Item.End());
    } catch (EngineException e) {
      items.add(new Item.Failure(e));
    }
  }

  private Item take(BlockingQueue<Item> items) {
    try {
      return items.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      return new Item.End();
    }
  }

  /** What each prompt cost, in order. */
  List<Usage> usages() {
    return streams.stream().map(TokenStream::usage).toList();
  }

  /** Where the prompt's KV lies for another worker. */
  Optional<RemoteKv> lent() {
    return streams.stream().flatMap(s -> s.lent().stream()).findFirst();
  }

  @Override
  public void close() {
    streams.forEach(TokenStream::close);
  }
}
