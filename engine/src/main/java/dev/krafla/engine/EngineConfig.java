package dev.krafla.engine;

import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.kernels.KvType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Limits of one engine. Start from {@link #DEFAULTS} and change what differs.
 *
 * @param kvType how keys and values are stored
 * @param kvBytes size of the KV cache; absent: {@code kvShare} of the machine's memory, but no more
 *     than {@code maxSequences} full contexts take
 * @param kvShare share of the memory that this process may use (its cgroup's limit counts), above 0
 *     up to 0.9
 * @param maxBatchTokens most tokens that one step computes; a longer prompt is computed in pieces
 *     of this size, between which others go on. The model's own limit applies too
 * @param maxSequences most answers that are computed at the same time; more wait. No more than half
 *     of {@code maxBatchTokens}, so that a step always has room for prompts
 * @param maxQueued most requests that may wait; one more is refused with {@link QueueFull}
 * @param prefixCaching whether requests share the KV of equal beginnings
 * @param promptLogitsBytes memory for the logits at the ends of prompts: a prompt that is repeated
 *     gets its first token without a forward pass; used with {@code prefixCaching}
 * @param maxDraftTokens most tokens that are guessed ahead of an answer and checked in one step,
 *     where that is measured to pay; answers do not depend on it. 0: none
 * @param kvStores where blocks of the KV cache and prompts' logits are kept below memory, nearest
 *     first: they come back where that is faster than computing again; used with {@code
 *     prefixCaching}. The engine closes them
 * @param scheduling who goes first, and what each class of requests may expect
 * @param sharedPrefixes beginnings of prompts whose blocks all tenants share
 * @param transfer how KV goes to other workers and comes from them; absent: this one works alone
 * @param draftModel a small model that guesses ahead, used where that is measured to pay, beside
 *     guesses from an answer's own text; absent: none. The engine does not close it
 */
public record EngineConfig(
    KvType kvType,
    OptionalLong kvBytes,
    double kvShare,
    int maxBatchTokens,
    int maxSequences,
    int maxQueued,
    boolean prefixCaching,
    long promptLogitsBytes,
    int maxDraftTokens,
    List<KvStore> kvStores,
    SchedulingPolicy scheduling,
    SharedPrefixes sharedPrefixes,
    Optional<TransferConfig> transfer,
    Optional<DraftModel> draftModel) {

  /** F16 cache of up to a sixth of the memory, 512 tokens a step, 64 answers at once. */
  public static final EngineConfig DEFAULTS =
      new EngineConfig(
          KvType.F16,
          OptionalLong.empty(),
          1.0 / 6,
          512,
          64,
          1024,
          true,
          64L << 20,
          8,
          List.of(),
          SchedulingPolicy.DEFAULTS,
          SharedPrefixes.NONE,
          Optional.empty(),
          Optional.empty());

  public EngineConfig {
    kvStores = List.copyOf(kvStores);
    if (kvBytes.isPresent() && kvBytes.getAsLong() <= 0) {
      throw new IllegalArgumentException(
          "kvBytes is %d; it must be positive".formatted(kvBytes.getAsLong()));
    }
    if (!(kvShare > 0 && kvShare <= 0.9)) {
      throw new IllegalArgumentException(
          "kvShare is %s; it must be above 0, up to 0.9".formatted(kvShare));
    }
    if (promptLogitsBytes < 0) {
      throw new IllegalArgumentException(
          "promptLogitsBytes is %d; it must be 0 or more".formatted(promptLogitsBytes));
    }
    if (maxDraftTokens < 0 || maxDraftTokens > 64) {
      throw new IllegalArgumentException(
          "maxDraftTokens is %d; it must be 0 to 64".formatted(maxDraftTokens));
    }
    requirePositive("maxBatchTokens", maxBatchTokens);
    requirePositive("maxSequences", maxSequences);
    requirePositive("maxQueued", maxQueued);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d; it must be 1 or more".formatted(name, value));
    }
  }

  public EngineConfig withKvType(KvType type) {
    return with(c -> c.kvType = type);
  }

  public EngineConfig withKvBytes(long bytes) {
    return with(c -> c.kvBytes = OptionalLong.of(bytes));
  }

  /** Sizes the cache as a share of the memory, whatever {@code kvBytes} was. */
  public EngineConfig withKvShare(double share) {
    return with(c -> {
      c.kvBytes = OptionalLong.empty();
      c.kvShare = share;
    });
  }

  public EngineConfig withMaxBatchTokens(int tokens) {
    return with(c -> c.maxBatchTokens = tokens);
  }

  public EngineConfig withMaxSequences(int sequences) {
    return with(c -> c.maxSequences = sequences);
  }

  public EngineConfig withMaxQueued(int requests) {
    return with(c -> c.maxQueued = requests);
  }

  public EngineConfig withPrefixCaching(boolean on) {
    return with(c -> c.prefixCaching = on);
  }

  public EngineConfig withPromptLogitsBytes(long bytes) {
    return with(c -> c.promptLogitsBytes = bytes);
  }

  public EngineConfig withMaxDraftTokens(int tokens) {
    return with(c -> c.maxDraftTokens = tokens);
  }

  public EngineConfig withScheduling(SchedulingPolicy policy) {
    return with(c -> c.scheduling = policy);
  }

  /** Keeps the KV cache in {@code stores} too, nearest first; see {@code DiskStore}. */
  public EngineConfig withKvStores(KvStore... stores) {
    return with(c -> c.kvStores = List.of(stores));
  }

  /** Lets all tenants share the blocks of {@code prefixes}, and no others. */
  public EngineConfig withSharedPrefixes(SharedPrefixes prefixes) {
    return with(c -> c.sharedPrefixes = prefixes);
  }

  /** Shares prompts and answers with other workers. */
  public EngineConfig withTransfer(TransferConfig config) {
    return with(c -> c.transfer = Optional.of(config));
  }

  /** Lets {@code model} guess ahead; it may be used by nobody else while the engine runs. */
  public EngineConfig withDraftModel(DraftModel model) {
    return with(c -> c.draftModel = Optional.of(model));
  }

  private EngineConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.made();
  }

  /** The components, to be changed one at a time. */
  private static final class Draft {
    KvType kvType;
    OptionalLong kvBytes;
    double kvShare;
    int maxBatchTokens;
    int maxSequences;
    int maxQueued;
    boolean prefixCaching;
    long promptLogitsBytes;
    int maxDraftTokens;
    List<KvStore> kvStores;
    SchedulingPolicy scheduling;
    SharedPrefixes sharedPrefixes;
    Optional<TransferConfig> transfer;
    Optional<DraftModel> draftModel;

    Draft(EngineConfig from) {
      kvType = from.kvType;
      kvBytes = from.kvBytes;
      kvShare = from.kvShare;
      maxBatchTokens = from.maxBatchTokens;
      maxSequences = from.maxSequences;
      maxQueued = from.maxQueued;
      prefixCaching = from.prefixCaching;
      promptLogitsBytes = from.promptLogitsBytes;
      maxDraftTokens = from.maxDraftTokens;
      kvStores = from.kvStores;
      scheduling = from.scheduling;
      sharedPrefixes = from.sharedPrefixes;
      transfer = from.transfer;
      draftModel = from.draftModel;
    }

    EngineConfig made() {
      return new EngineConfig(
          kvType,
          kvBytes,
          kvShare,
          maxBatchTokens,
          maxSequences,
          maxQueued,
          prefixCaching,
          promptLogitsBytes,
          maxDraftTokens,
          kvStores,
          scheduling,
          sharedPrefixes,
          transfer,
          draftModel);
    }
  }
}
