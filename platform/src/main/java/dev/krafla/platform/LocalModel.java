package dev.krafla.platform;

import java.nio.file.Path;

/**
 * A model on this machine.
 *
 * @param name its id on the wire: the alias, or the file's name
 * @param path a GGUF file or a Hugging Face folder
 */
public record LocalModel(String name, Path path) {}
