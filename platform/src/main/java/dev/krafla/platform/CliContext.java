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
}
