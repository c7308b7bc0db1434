package dev.krafla.platform;

import dev.krafla.image.Studio;
import dev.krafla.image.edit.SceneEdit;
import dev.krafla.image.render.Drawn;
import dev.krafla.image.render.Format;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneReader;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla image}: a picture whose text is exact. */
@Command(
    name = "image",
    description = {
      "Makes a picture whose structure and text are exact.",
      "What the prompt quotes is set character by character and proven before the file is written."
          + " The file carries its scene, so that it can be changed later."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla image 'A coffee poster that says \"上新 New Arrival\", below \"Open 7 AM - 9 PM\"'",
      "  krafla image \"…\" -o out.svg --size 1280x720",
      "  krafla image \"…\" -o scene.json             the scene alone, to look at and change",
      "  krafla image --scene scene.json -o out.png",
      "  krafla image --scene scene.json --edit patch.json -o out.png   JSON Patch (RFC 6902)"
    })
final class ImageCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("(\\d{2,5})[x×](\\d{2,5})");

  private final CliContext context;

  @Parameters(
      arity = "0..1",
      paramLabel = "PROMPT",
      description = "What to show; texts in quotation marks are set as they are.")
  private @Nullable String prompt;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "png, jpg, webp, svg, pdf or json. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("out.png");

  @Option(names = "--scene", paramLabel = "FILE", description = "A scene document.")
  private @Nullable Path scene;

  @Option(names = "--edit", paramLabel = "FILE", description = "A JSON Patch for the scene.")
  private @Nullable Path edit;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      description = "Pixels, for a prompt. Default: ${DEFAULT-VALUE}.")
  private String size = "2048x2048";

  @Option(names = "--fetch-fonts", description = "Fetch the fonts and stop.")
  private boolean fetchFonts;

  @Option(names = "--json", description = "Print what was checked as a JSON object.")
  private boolean json;

  ImageCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    FontStore fonts = new FontStore(context.home(), new WheelFetcher(MachinePython::pip));
    if (!fonts.missing().isEmpty()) {
      fonts.fetch(context.progress());
    }
    if (fetchFonts) {
      context.output().line("%s".formatted(fonts.folder()));
      return 0;
    }
    Format format =
        Format.ofFile(out.toString())
            .orElseThrow(() ->
                new UserError(
                    "'%s' ends in none of .png .jpg .webp .svg .pdf .json".formatted(out)));
    Studio studio = Studio.open(fonts.folder());
    Scene made = made(studio);
    if (format == Format.JSON) {
      studio.layout(made); // what cannot be drawn is not written
      Files.writeString(out, SceneWriter.write(made));
      context.output().line(out.toString());
      return 0;
    }
    Drawn drawn = studio.draw(made);
    Files.write(out, studio.encode(drawn, format));
    report(drawn);
    return 0;
  }

  private Scene made(Studio studio) throws IOException {
    Scene made;
    if (scene != null) {
      made = SceneReader.read(read(scene, SceneReader.MAX_BYTES));
    } else if (prompt != null) {
      Matcher m = SIZE.matcher(size);
      if (!m.matches()) {
        throw new UserError("--size is '%s'; it is like 2048x2048".formatted(size));
      }
      made = studio.plan(prompt, Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    } else {
      throw new UserError("give a prompt or --scene FILE; krafla image --help has examples");
    }
    return edit == null
        ? made
        : SceneEdit.patched(
            made,
            new String(read(edit, SceneReader.MAX_BYTES), java.nio.charset.StandardCharsets.UTF_8));
  }

  private static byte[] read(Path file, long most) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no file %s".formatted(file));
    }
    if (Files.size(file) > most) {
      throw new UserError("%s has more than %d bytes".formatted(file, most));
    }
    return Files.readAllBytes(file);
  }

  private void report(Drawn drawn) {
    int texts = drawn.layout().texts().size();
    if (json) {
      var object = Json.object();
      object.put("file", out.toString());
      object.put("width", drawn.width()).put("height", drawn.height());
      object.put("texts", texts).put("exact", true);
      object.put("smallest_type_px", texts == 0 ? 0 : drawn.layout().smallestType());
      object.put("pixels", "sha256:" + drawn.digest());
      var remarks = object.putArray("remarks");
      Studio.remarks(drawn).forEach(remarks::add);
      context.output().line(Json.write(object));
      return;
    }
    context
        .output()
        .line("%s  %d×%d, %d texts, exact".formatted(out, drawn.width(), drawn.height(), texts));
    Studio.remarks(drawn).forEach(remark -> context.output().note("  " + remark));
  }
}
