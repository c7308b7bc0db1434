package dev.krafla.platform;

import dev.krafla.store.BackupContents;
import dev.krafla.store.Restore;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla restore}: puts a backup in place of what the database holds. */
@Command(
    name = "restore",
    description = {
      "Puts a backup in place of all that Krafla's database holds. Krafla must not run meanwhile.",
      "The file is checked to its last byte first; until the end, what was there stays there."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla restore monday.backup",
      "  krafla restore monday.backup --check",
      "  DATABASE_URL=postgresql://krafla:secret@db.example.org/krafla krafla restore monday.backup"
    })
final class RestoreCommand implements Callable<Integer> {
  private final CliContext context;

  @Parameters(paramLabel = "FILE", description = "What krafla backup has written.")
  private Path file = Path.of("");

  @Option(names = "--check", description = "Only check the file and say what it holds.")
  private boolean check;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  RestoreCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Path whole = file.toAbsolutePath();
    Progress progress = context.progress();
    progress.begin((check ? "Checking " : "Reading ") + file, 0, -1);
    BackupContents contents;
    try {
      contents =
          check
              ? Restore.check(whole, (part, rows, bytes) -> progress.at(bytes))
              : Restore.read(
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
