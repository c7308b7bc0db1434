package dev.krafla.platform;

import java.util.List;
import java.util.Optional;

/**
 * A model known by a short name.
 *
 * @param alias the short name; also the folder under {@code models/} and the model's id on the wire
 * @param file name of the model's file once it is here
 * @param about one line for people
 * @param licence SPDX identifier where there is one, else the licence's name
 * @param bytes size of the file, exact where {@code sha256} is known, else about
 * @param sha256 digest of the file in hex
 * @param sources where to fetch it, best first
 */
public record ModelEntry(
    String alias,
    String file,
    String about,
    String licence,
    long bytes,
    Optional<String> sha256,
    List<ModelSource> sources) {
  public ModelEntry {
    sources = List.copyOf(sources);
  }
}
