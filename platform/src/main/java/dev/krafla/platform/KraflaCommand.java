package dev.krafla.platform;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command above all commands; on its own it only says what there is. */
@Command(
    name = "krafla",
    description = "Serves open language models from Java, to one user or to many.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class)
final class KraflaCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and show the stack trace of errors.")
  void verbose(boolean on) {
    Logging.configure(on);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command; ./krafla help lists them.");
  }
}
