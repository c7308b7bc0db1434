package dev.krafla.platform;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code krafla models}: what has a short name, and what is here. */
@Command(name = "models", description = "Lists models by short name, and which of them are here.")
final class ModelsCommand implements Callable<Integer> {
  private final CliContext context;

  ModelsCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    for (ModelEntry entry : ModelCatalog.load(context.home()).all()) {
      context
          .output()
          .line(
              "%-16s %9s  %s"
                  .formatted(entry.alias(), ByteSize.text(entry.bytes()), entry.about()));
    }
    return 0;
  }
}
