package dev.krafla.bench;

import dev.krafla.image.ImageException;
import dev.krafla.image.Studio;
import dev.krafla.image.proof.Proof;
import dev.krafla.image.render.Drawn;
import dev.krafla.image.render.Format;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.text.Kinsoku;
import dev.krafla.image.text.SetText;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Strict score of pictures on LongText-Bench (X-Omni, Apache-2.0): from the raw prompt to pixels of
 * 2048², by rules. A picture is exact when its strings are those of the prompt, no more and no
 * fewer, with every character and mark of punctuation, and the proof of glyphs and pixels holds.
 *
 * <p>The reference is what the prompt quotes, found here by a regular expression and not by the
 * planner's own lifter. Beside it is told how many agree with the data set's {@code text}, which
 * adds full stops that 93 of its 160 English prompts do not quote and leaves three quotations out.
 *
 * <pre>java -cp … dev.krafla.bench.LongTextBench FONTS text_prompts.jsonl [SIDE] [FOLDER FOR PNG]
 * </pre>
 */
public final class LongTextBench {
  private static final Pattern QUOTED = Pattern.compile("“([^”]*)”|\"([^\"”]*)[\"”]");

  private final Studio studio;
  private final int side;
  private final List<String> failures = new ArrayList<>();
  private final List<Double> millis = new ArrayList<>();
  private int pictures;
  private int exact;
  private int asListed;
  private int asListedButStops;
  private int breaks;
  private int forbidden;
  private double smallest = Double.POSITIVE_INFINITY;

  LongTextBench(Studio studio, int side) {
    this.studio = studio;
    this.side = side;
  }

  /** Runs it and prints a line of JSON. */
  public static void main(String[] args) throws IOException {
    int side = args.length > 2 ? Integer.parseInt(args[2]) : 2048;
    var bench = new LongTextBench(Studio.open(Path.of(args[0])), side);
    for (String line : Files.readAllLines(Path.of(args[1]))) {
      if (!line.isBlank()) {
        Path folder = args.length > 3 ? Path.of(args[3]) : null;
        bench.add(Json.parseObject(line), folder);
      }
    }
    System.out.println(Json.write(bench.report()));
  }

  /** Draws and scores one line of the data set. */
  void add(ObjectNode line, @org.jspecify.annotations.Nullable Path folder) throws IOException {
    String prompt = line.get("prompt").stringValue();
    List<String> listed = new ArrayList<>();
    line.withArray("text").forEach(text -> listed.add(text.stringValue()));
    pictures++;
    long start = System.nanoTime();
    Scene scene;
    Drawn drawn;
    byte[] png;
    try {
      scene = studio.plan(prompt, side, side);
      drawn = studio.draw(scene);
      png = studio.encode(drawn, Format.PNG);
    } catch (ImageException e) {
      failures.add(line.get("prompt_id") + ": " + e.getMessage());
      return;
    }
    millis.add((System.nanoTime() - start) / 1e6);
    if (folder != null) {
      Files.write(folder.resolve(line.get("prompt_id") + ".png"), png);
    }
    List<String> drawnTexts = inPromptOrder(scene);
    Proof proof = studio.prove(drawn);
    if (drawnTexts.equals(quoted(prompt)) && proof.holds()) {
      exact++;
    } else {
      failures.add(line.get("prompt_id") + ": " + drawnTexts + " " + proof.faults());
    }
    asListed += drawnTexts.equals(listed) ? 1 : 0;
    asListedButStops += unstopped(drawnTexts).equals(unstopped(listed)) ? 1 : 0;
    smallest = Math.min(smallest, drawn.layout().smallestType());
    countBreaks(scene, drawn);
  }

  static List<String> quoted(String prompt) {
    var out = new ArrayList<String>();
    Matcher m = QUOTED.matcher(prompt);
    while (m.find()) {
      out.add(m.group(1) == null ? m.group(2) : m.group(1));
    }
    return out;
  }

  private static List<String> unstopped(List<String> texts) {
    return texts.stream().map(t -> t.endsWith(".") ? t.substring(0, t.length() - 1) : t).toList();
  }

  /** What is in the tree, each as often as it is drawn. */
  private static List<String> inPromptOrder(Scene scene) {
    var copies = new ArrayList<Copy>();
    for (Node node : scene.nodes()) {
      if (node instanceof Node.Text text) {
        copies.addAll(scene.copies(text));
      }
    }
    copies.sort(java.util.Comparator.comparingInt(Copy::from));
    return copies.stream().map(Copy::text).toList();
  }

  private void countBreaks(Scene scene, Drawn drawn) {
    for (Node node : scene.nodes()) {
      SetText set = drawn.layout().texts().get(node.id());
      if (!(node instanceof Node.Text text) || set == null) {
        continue;
      }
      List<Copy> copies = scene.copies(text);
      for (SetText.SetLine line : set.lines()) {
        String s = copies.get(line.string()).text();
        if (line.from() > 0) {
          breaks++;
          boolean start = Kinsoku.forbiddenAtStart(s.codePointAt(line.from()));
          String before = s.substring(0, line.from()).stripTrailing();
          boolean end = Kinsoku.forbiddenAtEnd(before.codePointBefore(before.length()));
          forbidden += start || end ? 1 : 0;
        }
      }
    }
  }

  ObjectNode report() {
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    ObjectNode report = Json.object();
    report.put("pictures", pictures).put("side", side).put("exact", exact);
    report.put("as_listed", asListed).put("as_listed_but_full_stops", asListedButStops);
    report.put("line_breaks", breaks).put("forbidden_breaks", forbidden);
    report.put("smallest_type_px", Math.round(smallest * 10) / 10.0);
    report.put("prompt_to_png_ms_p50", percentile(sorted, 0.5));
    report.put("prompt_to_png_ms_p95", percentile(sorted, 0.95));
    var list = report.putArray("failures");
    failures.forEach(list::add);
    return report;
  }

  private static double percentile(double[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : Math.round(sorted[(int) Math.min(sorted.length - 1, share * sorted.length)]);
  }
}
