package dev.krafla.engine;

import dev.krafla.engine.cache.KeyChain;
import dev.krafla.engine.cache.PrefixHasher;
import dev.krafla.engine.cache.PromptKey;
import dev.krafla.engine.constrain.ConstraintCompiler;
import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.sample.AnswerText;
import dev.krafla.engine.sample.TokenCounts;
import dev.krafla.engine.transfer.HandOff;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.Tokenizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
public final class Engine implements AutoCloseable {
  private final CausalLm lm;
  private final Tokenizer tokenizer;
  private final EngineConfig config;
  private final EngineLimits limits;
  private final LongSupplier clock;
  private final ConstraintCompiler constraints;
  private final Mailbox mailbox = new Mailbox();
  private final Admission admission;
  private final LongAdder rejected = new LongAdder();
  private final EndedListeners ended = new EndedListeners();
  private final StepLoop loop;
  private final Thread thread;

  private Engine(
      CausalLm lm,
      Tokenizer tokenizer,
      EngineConfig config,
      LongSupplier clock,
      KvTiers.Policy loads) {
    this.lm = lm;
    this.tokenizer = tokenizer;
    this.config = config;
    this.clock = clock;
    config.draftModel().ifPresent(draft -> draft.requireSameTokens(tokenizer));
    this.limits = EngineLimits.of(lm, config);
    this.constraints = new ConstraintCompiler(tokenizer);
    this.admission = new Admission(config.maxQueued());
    this.loop =
        new StepLoop(
            lm,
            limits,
            tokenizer.endTokens(),
            mailbox,
            admission,
            rejected,
            ended,
            clock,
            config.prefixCaching() ? config.kvStores() : List.of(),
            loads,
            config.transfer(),
            config.draftModel());
    this.thread = Thread.ofPlatform().name("krafla-engine").daemon().unstarted(loop);
    mailbox.readBy(thread);
  }

  /** Starts an engine for {@code model}. */
  public static Engine start(LoadedModel model, EngineConfig config) {
    return start(model.lm(), model.tokenizer(), config);
  }

  /**
   * Starts an engine for a model and its tokenizer.
   *
   * @throws IllegalArgumentException when the KV cache that {@code config} asks for cannot hold a
   *     single block, or its draft model has other tokens
   */
  public static Engine start(CausalLm lm, Tokenizer tokenizer, EngineConfig config) {
    return start(lm, tokenizer, config, System::nanoTime);
  }

  /** An engine with a clock of the caller's: tests decide what is measured to pay. */
  static Engine start(CausalLm lm, Tokenizer tokenizer, EngineConfig config, LongSupplier clock) {
    var engine = new Engine(lm, tokenizer, config, clock, KvTiers.Policy.STANDARD);
    engine.thread.start();
    return engine;
  }

  /** An engine that moves only by {@link #step}: tests decide what happens between two steps. */
  static Engine unstarted(CausalLm lm, Tokenizer tokenizer, EngineConfig config) {
    return unstarted(lm, tokenizer, config, KvTiers.Policy.STANDARD);
  }

  /** Likewise, in a time that is the test's too. */
  static Engine unstarted(
      CausalLm lm, Tokenizer tokenizer, EngineConfig config, LongSupplier clock) {
    return new Engine(lm, tokenizer, config, clock, KvTiers.Policy.STANDARD);
  }

  /** Likewise, and when loads run and whether they pay is the test's to say too. */
  static Engine unstarted(
      CausalLm lm, Tokenizer tokenizer, EngineConfig config, KvTiers.Policy loads) {
    return new Engine(lm, tokenizer, config, System::nanoTime, loads);
  }

  /** Likewise, in a time that is the test's too. */
  static Engine unstarted(
      CausalLm lm,
      Tokenizer tokenizer,
      EngineConfig config,
      KvTiers.Policy loads,
      LongSupplier clock) {
    return new Engine(lm, tokenizer, config, clock, loads);
  }

  /**
   * An engine that moves only by {@link #step}, on the caller's thread, by the caller's clock:
   * simulations run the real scheduler and cache in virtual time.
   *
   * @param clock nanoseconds; never goes back
   */
  public static Engine stepped(
      CausalLm lm, Tokenizer tokenizer, EngineConfig config, LongSupplier clock) {
    return new Engine(lm, tokenizer, config, clock, KvTiers.Policy.STANDARD);
  }

  /** One turn of an engine without a thread. Gives whether there was anything to do. */
  public boolean step() {
    return loop.runOnce();
  }

  /**
   * Queues a request; its tokens come through the stream.
   *
   * @throws InvalidRequest when a token or bias is outside the vocabulary, or the constraint cannot
   *     be compiled
   * @throws RequestTooLarge when the prompt leaves no room for one token of output
   * @throws QueueFull when {@code maxQueued} requests wait already
   * @throws EngineClosed when the engine is draining or closed
   */
  public TokenStream submit(Request request) {
    validate(request);
    requireRoom(request.prompt().length, 1);
    enterQueue();
    try {
      Generation generation = prepare(request);
      if (mailbox.post(new Command.Submit(generation))) {
        return generation.stream;
      }
      throw closed();
    } catch (RuntimeException | Error e) {
      admission.left();
      admission.ended();
      throw e;
    }
  }

  private void enterQueue() {
    try {
      admission.enter();
    } catch (QueueFull e) {
      rejected.increment();
      throw e;
    }
  }

  private void validate(Request request) {
    int vocabSize = lm.info().vocabSize();
    requireVocabulary(request.prompt());
    if (request.handOff().orElse(null) instanceof HandOff.Lend) {
      requireLending(request);
    }
    for (int token : request.sampling().logitBias().keySet()) {
      if (token < 0 || token >= vocabSize) {
        throw new InvalidRequest(
            "logit_bias",
            "logit_bias names token %d; the vocabulary has %d".formatted(token, vocabSize));
      }
    }
  }

  private void requireLending(Request request) {
    if (config.transfer().filter(t -> t.role().lends()).isEmpty()) {
      throw new InvalidRequest(
          "kv_transfer_params",
          "this worker computes no prompts for others; start it with --role prefill or both");
    }
    if (request.maxTokens() != 1) {
      throw new InvalidRequest(
          "max_tokens",
          "max_tokens is %d; with do_remote_decode it must be 1, as another worker goes on"
              .formatted(request.maxTokens()));
    }
  }

  private void requireVocabulary(int[] tokens) {
    int vocabSize = lm.info().vocabSize();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabSize) {
        throw new InvalidRequest(
            "prompt",
            "token %d at place %d; the vocabulary has %d".formatted(tokens[i], i, vocabSize));
      }
    }
  }

  private void requireRoom(int promptTokens, int outputTokens) {
    int limit = limits.maxSequenceTokens();
    if (promptTokens + outputTokens > limit) {
      throw new RequestTooLarge(
          promptTokens,
          limit,
          "the prompt has %d tokens; prompt and answer together may have %d: shorten the prompt%s"
              .formatted(
                  promptTokens,
                  limit,
                  limit < lm.info().contextLength() ? " or give the KV cache more memory" : ""));
    }
  }

  /** All that can be done on the caller's thread: hash the prompt, compile the constraint. */
  private Generation prepare(Request request) {
    long seed = request.sampling().seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    var hasher = new PrefixHasher();
    boolean handedOff = request.handOff().isPresent();
    KeyChain chain = config.prefixCaching() || handedOff ? promptKeys(request, hasher) : null;
    PromptKey ofPrompt =
        chain == null ? null : hasher.promptKey(chain, request.prompt(), request.prompt().length);
    KeyChain keys = config.prefixCaching() ? chain : null;
    PromptKey promptKey = config.prefixCaching() ? ofPrompt : null;
    KvKey transferKey = handedOff && ofPrompt != null ? ofPrompt.key() : null;
    var generation =
        new Generation(
            request,
            seed,
            clock.getAsLong(),
            firstTokenWithin(request),
            promptKey,
            transferKey,
            mailbox);
    TokenCounts counts = promptCounts(request);
    for (int choice = 0; choice < request.choices(); choice++) {
      boolean first = choice == 0;
      var sequence =
          new Sequence(
              generation,
              choice,
              keys == null || first ? keys : keys.copy(),
              startMask(request),
              counts == null || first ? counts : counts.copy(),
              new AnswerText(tokenizer, request.showSpecial(), request.stop()));
      (first ? generation.sequences : generation.branches).add(sequence);
    }
    return generation;
  }

  private Optional<Duration> firstTokenWithin(Request request) {
    RequestTerms terms = request.terms();
    return terms
        .firstToken()
        .or(() -> config.scheduling().level(terms.serviceClass()).firstToken());
  }

  private KeyChain promptKeys(Request request, PrefixHasher hasher) {
    KeyChain keys =
        hasher.root(
            limits.model(),
            limits.kvType(),
            request.terms().tenant(),
            request.cacheSalt(),
            config.sharedPrefixes().blocks(request.prompt()));
    hasher.extend(keys, request.prompt(), request.prompt().length);
    return keys;
  }

  private static @Nullable TokenCounts promptCounts(Request request) {
    SamplingParams sampling = request.sampling();
    if (sampling.repetitionPenalty() == 1
        && sampling.frequencyPenalty() == 0
        && sampling.presencePenalty() == 0) {
      return null;
    }
    var counts = new TokenCounts();
    counts.addPrompt(request.prompt());
    return counts;
  }

  private @Nullable TokenMask startMask(Request request) {
    return request.constraint().map(constraints::start).orElse(null);
  }

  /**
   * The embedding of {@code tokens}, pooled as the model says and of length 1. Blocks until it is
   * computed, in turn with the answers that are running.
   *
   * @throws InvalidRequest when the model was not made for embeddings
   * @throws RequestTooLarge when the tokens exceed the context
   * @throws GenerationFailed when the model fails
   * @throws EngineClosed when the engine is draining or closed
   */
  public float[] embed(int[] tokens) {
    return embed(tokens, RequestTerms.DEFAULTS);
  }

  /** As {@link #embed(int[])}, on somebody's account. */
  public float[] embed(int[] tokens, RequestTerms terms) {
    Embedder.requireEmbeddings(lm.info());
    requireVocabulary(tokens);
    if (tokens.length == 0) {
      throw new InvalidRequest("input", "the input has no tokens; send at least one");
    }
    requireRoom(tokens.length, 0);
    admission.open();
    try {
      var result = new CompletableFuture<float[]>();
      if (!mailbox.post(new Command.Embed(new Embedder.Job(tokens, terms, result)))) {
        throw closed();
      }
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof EngineException cause) {
        throw cause;
      }
      throw e;
    } finally {
      admission.ended();
    }
  }

  /**
   * Tells {@code listener} of every request that ends from now on, before its stream does. It is
   * called on the engine's thread and must not make it wait.
   */
  public void onEnded(Consumer<EndedRequest> listener) {
    ended.add(listener);
  }

  /** Counters as of the end of the last step. */
  public EngineStats stats() {
    return loop.stats();
  }

  /** Most tokens that prompt and answer may have together: the context, or the whole KV cache. */
  public int maxSequenceTokens() {
    return limits.maxSequenceTokens();
  }

  /**
   * Takes no new requests and waits until those it has are done.
   *
   * @return whether all ended within {@code limit}; what is left goes on until {@link #close}. An
   *     interrupt ends the waiting
   */
  public boolean drain(Duration limit) {
    admission.stopAccepting();
    try {
      return admission.awaitEmpty(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Aborts what is left, ends the engine's thread and frees the KV cache. */
  @Override
  public void close() {
    admission.stopAccepting();
    mailbox.post(new Command.Stop());
    if (thread.getState() == Thread.State.NEW) {
      thread.start(); // never ran: let it clean up
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the step under way ends soon; memory must not be freed before
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static EngineClosed closed() {
    return new EngineClosed("the engine is shutting down; send the request to another");
  }
}
