/**
 * Text to token ids and back: byte-level BPE, SentencePiece BPE and Unigram, read from GGUF
 * metadata or from a Hugging Face {@code tokenizer.json}.
 */
@NullMarked
package dev.krafla.models.tokenizer;

import org.jspecify.annotations.NullMarked;
