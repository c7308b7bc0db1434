package dev.krafla.serving.simulate;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.EngineStats;
import dev.krafla.engine.Request;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.Usage;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.serving.route.Router;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A real engine over a simulated model, with a clock of its own. */
final class SimulatedWorker implements AutoCloseable {
  private final Engine engine;
  private final List<Live> live = new ArrayList<>();
  private long now;

  /** A request that it has. */
  static final class Live {
    final int number;
    final int outputTokens;
    final long due;
    final long sent;
    final Router.Ticket ticket;
    final TokenStream stream;
    long first = -1;

    Live(
        int number,
        int outputTokens,
        long due,
        long sent,
        Router.Ticket ticket,
        TokenStream stream) {
      this.number = number;
      this.outputTokens = outputTokens;
      this.due = due;
      this.sent = sent;
      this.ticket = ticket;
      this.stream = stream;
    }
  }

  /** Hears what a step has brought. */
  interface Listener {
    void ended(Live request, Usage usage, long at);
  }

  SimulatedWorker(FleetShape shape) {
    var lm =
        new SimulatedLm(
            shape.contextLength(), shape.maxBatchTokens(), shape.cost(), nanos -> now += nanos);
    long blocks = Math.ceilDiv((long) shape.cacheTokens(), KvCache.BLOCK_TOKENS);
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(blocks * KvCache.blockBytes(lm.kvShape(), KvType.F32))
            .withMaxBatchTokens(shape.maxBatchTokens())
            .withMaxSequences(shape.maxSequences())
            .withMaxQueued(Integer.MAX_VALUE / 2)
            .withPrefixCaching(shape.caching())
            .withPromptLogitsBytes(0)
            .withMaxDraftTokens(0); // it draws one token for ever: every guess would come true
    engine = Engine.stepped(lm, new SimulatedLm.Letters(), config, () -> now);
  }

  /** Virtual time at which its last step ended. */
  long now() {
    return now;
  }

  boolean isIdle() {
    return live.isEmpty();
  }

  EngineStats stats() {
    return engine.stats();
  }

  /** Brings its clock, which stood still while it had nothing to do, to {@code time}. */
  void awaken(long time) {
    now = Math.max(now, time);
  }

  /**
   * Takes a request, which its next step sees.
   *
   * @param due when it was to come
   * @param sent when it comes
   * @throws dev.krafla.engine.RequestTooLarge when it does not fit
   */
  void submit(
      int number, int[] prompt, int outputTokens, long due, long sent, Router.Ticket ticket) {
    TokenStream stream = engine.submit(Request.of(prompt, outputTokens).withIgnoreEndTokens(true));
    live.add(new Live(number, outputTokens, due, sent, ticket, stream));
  }

  /** Tells what the last step has brought, which the world learns at {@link #now}. */
  void tell(Listener listener) {
    for (Iterator<Live> each = live.iterator(); each.hasNext(); ) {
      Live request = each.next();
      Usage usage = request.stream.usage();
      if (request.first < 0 && usage.outputTokens() > 0) {
        request.first = now;
        request.ticket.begun();
      }
      if (usage.outputTokens() >= request.outputTokens) {
        each.remove();
        request.ticket.ended();
        request.stream.close();
        listener.ended(request, usage, now);
      }
    }
  }

  /** Runs the next step, to its end. */
  void step() {
    boolean moved = engine.step();
    if (!moved) {
      throw new IllegalStateException("%d requests wait and nothing moves".formatted(live.size()));
    }
  }

  @Override
  public void close() {
    engine.close();
  }
}
