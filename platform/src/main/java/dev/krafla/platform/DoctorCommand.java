package dev.krafla.platform;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code krafla doctor}: what this machine has, and what is missing. */
@Command(name = "doctor", description = "Says what this machine has, and what is missing.")
final class DoctorCommand implements Callable<Integer> {
  private final CliContext context;

  DoctorCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.output().line("JDK     " + System.getProperty("java.version"));
    return 0;
  }
}
