package dev.krafla.engine.cache;

/**
 * Stands for a whole prompt, its last, partly filled block included, and for everything else that
 * its logits depend on. Equal keys mean equal logits.
 */
public record PromptKey(long high, long low) {}
