package dev.krafla.platform;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A complete file, not yet under its final name.
 *
 * @param part where it lies
 * @param fileName the name the source gives it
 * @param sha256 the digest that the source itself announces, in hex
 */
record Fetched(Path part, String fileName, Optional<String> sha256) {}
