package dev.krafla.platform;

import dev.krafla.store.Backup;
import dev.krafla.store.BackupContents;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla backup}: all of Krafla's tables, to one file. */
@Command(
    name = "backup",
    description = {
      "Writes all of Krafla's tables to a file, as they are at one moment, while Krafla runs or"
          + " not.",
      "The file holds what users have asked and who may do what: keep it as safely as the database."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla backup monday.backup",
      "  krafla backup monday.backup --json",
      "  DATABASE_URL=postgresql://krafla:secret@db.example.org/krafla krafla backup monday.backup"
    })
final class BackupCommand implements Callable<Integer> {
  private final CliContext context;

  @Parameters(paramLabel = "FILE", description = "Where to write it; must not exist.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  BackupCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Path whole = file.toAbsolutePath();
    Progress progress = context.progress();
    progress.begin("Writing " + file, 0, -1);
    BackupContents contents;
    try {
      contents =
          Backup.write(
              context.home().folder(),
              context.environment(),
              whole,
              (part, rows, bytes) -> progress.at(bytes));
    } finally {
      progress.end();
    }
    BackupReport.print(context.output(), json, whole, contents);
    return 0;
  }
}
