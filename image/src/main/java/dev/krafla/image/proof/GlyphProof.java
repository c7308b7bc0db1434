package dev.krafla.image.proof;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.text.Face;
import dev.krafla.image.text.PlacedGlyph;
import dev.krafla.image.text.Scripts;
import dev.krafla.image.text.SetText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the glyphs of a layout back: whether they say each string exactly, in order, with nothing
 * missing, foreign, clipped or overlapped, and whether boxes lie where the scene fixes them. It
 * trusts nothing of what laid them out but the placed glyphs themselves: what each should be is
 * asked of the font anew.
 */
public final class GlyphProof {
  /** Thousandths of the canvas by which a fixed box may be off. */
  private static final double PLACE = 1;

  private final Layout layout;
  private final Scene scene;
  private final List<String> faults = new ArrayList<>();
  private int clusters;

  private GlyphProof(Layout layout) {
    this.layout = layout;
    this.scene = layout.scene();
  }

  /** The proof of {@code layout}. */
  public static Proof of(Layout layout) {
    GlyphProof proof = new GlyphProof(layout);
    int texts = 0;
    for (Node node : layout.scene().nodes()) {
      proof.place(node);
      if (node instanceof Node.Text text) {
        texts++;
        proof.text(text);
      }
    }
    proof.overlaps();
    return new Proof(texts, proof.clusters, proof.faults);
  }

  private void place(Node node) {
    Box box = layout.boxes().get(node.id());
    if (box == null) {
      faults.add("'%s' has no place".formatted(node.id()));
      return;
    }
    Optional<double[]> fixed = node.frame().box();
    if (fixed.isPresent()) {
      Box wanted = Box.ofThousandths(fixed.get(), scene.canvas());
      double slackX = scene.canvas().width() * PLACE / 1000;
      double slackY = scene.canvas().height() * PLACE / 1000;
      if (Math.abs(wanted.x() - box.x()) > slackX
          || Math.abs(wanted.right() - box.right()) > slackX
          || Math.abs(wanted.y() - box.y()) > slackY
          || Math.abs(wanted.bottom() - box.bottom()) > slackY) {
        faults.add("'%s' is at %s, not at %s".formatted(node.id(), box, wanted));
      }
    }
  }

  private void text(Node.Text node) {
    SetText set = layout.texts().get(node.id());
    if (set == null) {
      faults.add("text '%s' was not set".formatted(node.id()));
      return;
    }
    List<Copy> copies = scene.copies(node);
    for (int string = 0; string < copies.size(); string++) {
      string(node, copies.get(string), string, set);
    }
    for (PlacedGlyph glyph : set.glyphs()) {
      if (glyph.string() < 0 || glyph.string() >= copies.size()) {
        faults.add("text '%s' has a glyph of no string".formatted(node.id()));
      }
      Box ink = glyph.ink();
      if (ink.width() > 0 && !scene.canvas().box().contains(ink, 0.5)) {
        faults.add("text '%s' is clipped at %s".formatted(node.id(), ink));
        break;
      }
    }
    Box box = layout.boxes().get(node.id());
    Optional<Box> ink = set.ink();
    if (box != null && ink.isPresent()) {
      // accents and descenders of tight lines reach beyond theirs, sidebearings hardly do
      double along = set.size() * 0.12;
      double across = set.size() * 0.45;
      Box room =
          node.style().vertical()
              ? box.inset(-across, -along, -across, -along)
              : box.inset(-along, -across, -along, -across);
      if (!room.contains(ink.get(), 0)) {
        faults.add("text '%s' at %s leaves its box %s".formatted(node.id(), ink.get(), box));
      }
    }
  }

  /** Clusters of one string: gapless from its beginning to its end, each with the right glyphs. */
  private void string(Node.Text node, Copy copy, int string, SetText set) {
    String text = copy.text();
    Map<Integer, List<PlacedGlyph>> byStart = new HashMap<>();
    boolean[] covered = new boolean[text.length()];
    for (PlacedGlyph glyph : set.glyphs()) {
      if (glyph.string() != string) {
        continue;
      }
      if (glyph.from() < 0 || glyph.to() > text.length() || glyph.from() >= glyph.to()) {
        faults.add("text '%s' has a glyph for nothing of its string".formatted(node.id()));
        return;
      }
      byStart.computeIfAbsent(glyph.from(), _ -> new ArrayList<>()).add(glyph);
      Arrays.fill(covered, glyph.from(), glyph.to(), true);
    }
    for (int i = 0; i < text.length(); i++) {
      if (!covered[i] && text.charAt(i) != '\n' && text.charAt(i) != '\r') {
        faults.add(
            "text '%s' lacks '%s' at %d of '%s'"
                .formatted(node.id(), text.substring(i, end(text, i)), i, shortened(text)));
        return;
      }
    }
    byStart.forEach((from, glyphs) -> cluster(node, copy, glyphs));
    words(node, copy, string, set);
    order(node, copy, string, set);
  }

  private static int end(String text, int i) {
    return Math.min(text.length(), i + Character.charCount(text.codePointAt(i)));
  }

  private void cluster(Node.Text node, Copy copy, List<PlacedGlyph> glyphs) {
    clusters++;
    PlacedGlyph first = glyphs.getFirst();
    String said = copy.text().substring(first.from(), first.to());
    int[] drawn = glyphs.stream().mapToInt(PlacedGlyph::glyph).toArray();
    if (!says(first, copy, said, drawn)) {
      faults.add(
          "text '%s' draws glyphs %s of %s where '%s' belongs, at %d of '%s'"
              .formatted(
                  node.id(),
                  Arrays.toString(drawn),
                  first.face().name(),
                  said,
                  first.from(),
                  shortened(copy.text())));
    }
  }

  /** Whether glyphs stand for {@code said}: by the character map, else by shaping it in context. */
  private static boolean says(PlacedGlyph first, Copy copy, String said, int[] drawn) {
    Face face = first.face();
    int[] visible = said.codePoints().filter(c -> !Scripts.isInvisible(c)).toArray();
    if (visible.length == 1 && drawn.length == 1 && face.glyph(visible[0]) == drawn[0]) {
      return drawn[0] != 0;
    }
    for (boolean rtl : new boolean[] {false, true}) {
      for (boolean vertical : new boolean[] {false, true}) {
        if (Arrays.equals(
            shaped(face, said, 0, said.length(), rtl, copy.lang(), vertical), drawn)) {
          return true;
        }
      }
    }
    int from = wordStart(copy.text(), first.from());
    int to = wordEnd(copy.text(), first.to());
    String word = copy.text().substring(from, to);
    for (boolean rtl : new boolean[] {false, true}) {
      int[] inContext =
          shaped(face, word, first.from() - from, first.to() - from, rtl, copy.lang(), false);
      if (Arrays.equals(inContext, drawn)) {
        return true;
      }
    }
    return false;
  }

  private static int wordStart(String text, int at) {
    int i = at;
    while (i > 0 && !Character.isWhitespace(text.charAt(i - 1)) && at - i < 64) {
      i--;
    }
    return i;
  }

  private static int wordEnd(String text, int at) {
    int i = at;
    while (i < text.length() && !Character.isWhitespace(text.charAt(i)) && i - at < 64) {
      i++;
    }
    return i;
  }

  private static int[] shaped(
      Face face, String word, int from, int to, boolean rtl, String lang, boolean vertical) {
    Face.Shaped shaped = face.shape(word, rtl, lang, vertical);
    var out = new ArrayList<Integer>();
    for (int i = 0; i < shaped.glyphs().length; i++) {
      if (shaped.clusters()[i] >= from && shaped.clusters()[i] < to) {
        out.add(shaped.glyphs()[i]);
      }
    }
    return out.stream().mapToInt(Integer::intValue).toArray();
  }

  /** No ink of a word over that of another on its line, in whatever direction they run. */
  private void words(Node.Text node, Copy copy, int string, SetText set) {
    boolean vertical = node.style().vertical();
    for (SetText.SetLine line : set.lines()) {
      if (line.string() != string) {
        continue;
      }
      Map<Integer, Box> words = new HashMap<>();
      for (PlacedGlyph glyph : set.glyphs()) {
        Box ink = glyph.ink();
        boolean here =
            glyph.string() == string && glyph.from() >= line.from() && glyph.from() < line.to();
        if (here && ink.width() > 0) {
          words.merge(wordStart(copy.text(), glyph.from()), ink, Box::union);
        }
      }
      List<Box> inOrder =
          words.values().stream()
              .sorted(Comparator.comparingDouble(b -> vertical ? b.y() : b.x()))
              .toList();
      for (int i = 1; i < inOrder.size(); i++) {
        Box a = inOrder.get(i - 1);
        Box b = inOrder.get(i);
        double over = vertical ? a.bottom() - b.y() : a.right() - b.x();
        if (over > set.size() * 0.08) {
          faults.add(
              "words of text '%s' overlap by %.0f px, at %s and %s"
                  .formatted(node.id(), over, a, b));
        }
      }
    }
  }

  /** Whether clusters of one direction on one line stand in the order of reading. */
  private void order(Node.Text node, Copy copy, int string, SetText set) {
    if (copy.text().chars().anyMatch(c -> Scripts.isJoined(c) || (c >= 0x590 && c < 0x780))) {
      return; // mixed directions are reordered; their order is that of Unicode's algorithm
    }
    for (SetText.SetLine line : set.lines()) {
      if (line.string() != string) {
        continue;
      }
      double last = Double.NEGATIVE_INFINITY;
      int at = -1;
      for (PlacedGlyph glyph : set.glyphs()) {
        boolean here =
            glyph.string() == string && glyph.from() >= line.from() && glyph.from() < line.to();
        if (!here || glyph.from() == at) {
          continue;
        }
        double along = node.style().vertical() ? glyph.y() : glyph.x();
        if (glyph.from() < at || along < last - set.size() * 0.75) {
          faults.add(
              "text '%s' is out of order at %d of '%s'"
                  .formatted(node.id(), glyph.from(), shortened(copy.text())));
          return;
        }
        last = along;
        at = glyph.from();
      }
    }
  }

  /** No ink of one text over ink of another. */
  private void overlaps() {
    List<Map.Entry<String, SetText>> all = List.copyOf(layout.texts().entrySet());
    for (int i = 0; i < all.size(); i++) {
      Optional<Box> a = all.get(i).getValue().ink();
      for (int j = i + 1; j < all.size() && a.isPresent(); j++) {
        Optional<Box> b = all.get(j).getValue().ink();
        if (b.isPresent()
            && a.get().overlap(b.get()) > 0
            && inkOverlaps(all.get(i).getValue(), all.get(j).getValue())) {
          faults.add(
              "texts '%s' and '%s' overlap, at %s and %s"
                  .formatted(all.get(i).getKey(), all.get(j).getKey(), a.get(), b.get()));
        }
      }
    }
  }

  private static boolean inkOverlaps(SetText a, SetText b) {
    for (PlacedGlyph one : a.glyphs()) {
      Box ink = one.ink().inset(1);
      if (ink.width() <= 0) {
        continue;
      }
      for (PlacedGlyph other : b.glyphs()) {
        if (ink.overlap(other.ink().inset(1)) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
