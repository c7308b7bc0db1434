/**
 * Open models as files and as computations: GGUF and Hugging Face folders, tokenizers, chat
 * templates, and one readable {@code forward} per architecture.
 */
@NullMarked
package dev.krafla.models;

import org.jspecify.annotations.NullMarked;
