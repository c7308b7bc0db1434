package dev.krafla.engine;

import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.engine.transfer.HandOffStats;
import java.time.Duration;
import java.util.List;

/**
 * What an engine does now and has done since its start, as of the end of one step.
 *
 * @param running answers being computed
 * @param waiting requests and preempted answers that wait for room
 * @param usedBlocks KV blocks that belong to running answers
 * @param totalBlocks all KV blocks; {@code usedBlocks / totalBlocks} is the field's KV cache usage
 * @param blockTokens tokens in a block
 * @param prefixQueryTokens prompt tokens that were looked up in the prefix index
 * @param prefixHitTokens of these, tokens whose KV was found
 * @param promptTokens prompt tokens of admitted requests, found or computed
 * @param generationTokens tokens drawn
 * @param computedTokens rows that went through the model, recomputed ones included
 * @param repeatedPrompts prompts that were asked before: their first tokens came without computing
 * @param draftTokens guessed tokens that were checked
 * @param acceptedTokens of these, tokens that came true: each saved a step of its answer
 * @param modelDraftTokens of {@code draftTokens}, guesses of the draft model
 * @param modelAcceptedTokens of these, tokens that came true
 * @param preemptions answers that lost their blocks and had to start over
 * @param steps forward passes
 * @param busy time in which a step was under way
 * @param finished requests that ended by themselves
 * @param aborted requests whose stream was closed before its end
 * @param failed requests that ended in an error
 * @param shed requests refused while they waited, as their first token could not come in time
 * @param rejected requests refused because the queue was full
 * @param loadedTokens tokens whose KV was read from a store below memory
 * @param droppedWrites entries that were not written to a store, as the writer was behind or failed
 * @param prefillTokensPerSecond how fast prompts are computed, against which reading from a store
 *     is weighed; 0 while unknown
 * @param tiers the stores below memory, nearest first
 * @param handOffs what went to other workers and came from them
 */
public record EngineStats(
    int running,
    int waiting,
    int usedBlocks,
    int totalBlocks,
    int blockTokens,
    long prefixQueryTokens,
    long prefixHitTokens,
    long promptTokens,
    long generationTokens,
    long computedTokens,
    long repeatedPrompts,
    long draftTokens,
    long acceptedTokens,
    long modelDraftTokens,
    long modelAcceptedTokens,
    long preemptions,
    long steps,
    Duration busy,
    long finished,
    long aborted,
    long failed,
    long shed,
    long rejected,
    long loadedTokens,
    long droppedWrites,
    double prefillTokensPerSecond,
    List<KvTierStats> tiers,
    HandOffStats handOffs) {

  public EngineStats {
    tiers = List.copyOf(tiers);
  }
}
