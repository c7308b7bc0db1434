package dev.krafla.platform;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The pip of this machine, or the one that its uv runs. */
final class MachinePython {
  private static final int PATIENCE_SECONDS = 60;

  private static final List<List<String>> PIPS =
      List.of(
          List.of("python3", "-m", "pip"),
          List.of("pip3"),
          List.of("pip"),
          List.of("uv", "tool", "run", "pip"));

  private MachinePython() {}

  /** The start of a command line that {@code download …} continues; empty where there is none. */
  static Optional<List<String>> pip() {
    return PIPS.stream().filter(MachinePython::works).findFirst();
  }

  private static boolean works(List<String> pip) {
    String[] command = new String[pip.size() + 1];
    pip.toArray(command);
    command[pip.size()] = "--version";
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException absent) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
