package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes of one document are in the main viewport, what cuts them off, and what lies on
 * top of them. Worked out on demand and kept for the length of one look.
 */
final class Geometry {
  /** More than any page is wide. */
  static final Bounds EVERYWHERE = new Bounds(-1e7, -1e7, 2e7, 2e7);

  private static final double TRANSPARENT = 0.05;

  private final DomSnapshot.Doc doc;
  private final double dx;
  private final double dy;
  private final double scale;
  private final Bounds window;
  private final @Nullable Bounds[] clip;
  private final float[] opacity;
  private int @Nullable [] byPaint;

  /**
   * @param dx where the document's origin is, in CSS pixels of the main viewport
   * @param window the part of the main viewport that shows this document
   * @param scale device pixels in a CSS pixel; snapshots are in the former
   */
  Geometry(DomSnapshot.Doc doc, double dx, double dy, Bounds window, double scale) {
    this.doc = doc;
    this.dx = dx;
    this.dy = dy;
    this.scale = scale;
    this.window = window;
    this.clip = new Bounds[doc.size];
    this.opacity = new float[doc.size];
    Arrays.fill(opacity, -1);
  }

  Bounds window() {
    return window;
  }

  /** The whole box in the main viewport. */
  Bounds box(int node) {
    Bounds b = doc.box(node);
    return new Bounds(
        b.x() / scale + dx, b.y() / scale + dy, b.width() / scale, b.height() / scale);
  }

  /** What an iframe shows its document in. */
  Bounds contentBox(int node) {
    Bounds b = box(node);
    double left = doc.clientLeft(node) / scale + pixels(doc.style(node, DomSnapshot.PADDING_LEFT));
    double top = doc.clientTop(node) / scale + pixels(doc.style(node, DomSnapshot.PADDING_TOP));
    return new Bounds(
        b.x() + left,
        b.y() + top,
        Math.max(0, b.width() - 2 * left),
        Math.max(0, b.height() - 2 * top));
  }

  private static double pixels(String style) {
    try {
      return style.endsWith("px") ? Double.parseDouble(style.substring(0, style.length() - 2)) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** What scroll containers leave of a node's box; the window is not among them. */
  Bounds clip(int node) {
    Bounds known = clip[node];
    if (known != null) {
      return known;
    }
    // Parents come first, so that deep documents need no deep stack.
    List<Integer> path = new ArrayList<>();
    for (int n = node; n >= 0 && clip[n] == null; n = doc.parent[n]) {
      path.add(n);
    }
    for (int n : path.reversed()) {
      clip[n] = ownClip(n);
    }
    Bounds result = clip[node];
    return result == null ? EVERYWHERE : result;
  }

  private Bounds ownClip(int node) {
    String position = doc.style(node, DomSnapshot.POSITION);
    if (position.equals("fixed")) {
      return EVERYWHERE;
    }
    boolean absolute = position.equals("absolute");
    int box = doc.parent[node];
    while (box >= 0
        && (!doc.isLaidOut(box)
            || (absolute && doc.style(box, DomSnapshot.POSITION).equals("static")))) {
      box = doc.parent[box];
    }
    if (box < 0) {
      return EVERYWHERE;
    }
    Bounds outer = clip[box];
    Bounds from = outer == null ? EVERYWHERE : outer;
    return cuts(box) ? from.intersect(box(box)) : from;
  }

  private boolean cuts(int node) {
    if (doc.name(node).equals("HTML") || doc.name(node).equals("BODY")) {
      return false; // their overflow is the window's
    }
    String x = doc.style(node, DomSnapshot.OVERFLOW_X);
    String y = doc.style(node, DomSnapshot.OVERFLOW_Y);
    return !(x.isEmpty() || x.equals("visible")) || !(y.isEmpty() || y.equals("visible"));
  }

  /** Whether its content can be scrolled, as far as styles tell. */
  boolean scrolls(int node) {
    return scrolls(doc.style(node, DomSnapshot.OVERFLOW_X))
        || scrolls(doc.style(node, DomSnapshot.OVERFLOW_Y));
  }

  private static boolean scrolls(String overflow) {
    return overflow.equals("auto") || overflow.equals("scroll");
  }

  /** Whether anybody could see it, were it in view. */
  boolean isShown(int node) {
    if (!doc.isLaidOut(node) || doc.style(node, DomSnapshot.VISIBILITY).equals("hidden")) {
      return false;
    }
    return opacity(node) > TRANSPARENT || isField(node);
  }

  /** Fields are made transparent to be drawn differently, and still take the click. */
  private boolean isField(int node) {
    return doc.name(node).equals("INPUT") || doc.name(node).equals("SELECT");
  }

  private float opacity(int node) {
    List<Integer> path = new ArrayList<>();
    int n = node;
    while (n >= 0 && opacity[n] < 0) {
      path.add(n);
      n = doc.parent[n];
    }
    float so = n < 0 ? 1 : opacity[n];
    for (int p : path.reversed()) {
      String own = doc.style(p, DomSnapshot.OPACITY);
      if (!own.isEmpty() && !own.equals("1")) {
        so *= parsed(own);
      }
      opacity[p] = so;
    }
    return so;
  }

  private static float parsed(String opacity) {
    try {
      return Math.clamp(Float.parseFloat(opacity), 0, 1);
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /** The node that a pointer at this place of the main viewport meets, or −1. */
  int topmost(double x, double y) {
    int[] order = byPaint;
    if (order == null) {
      order = paintOrder();
      byPaint = order;
    }
    for (int node : order) {
      if (box(node).contains(x, y) && clip(node).contains(x, y)) {
        return node;
      }
    }
    return -1;
  }

  /** Whether a pointer can meet it at all. */
  private boolean takesPointer(int node) {
    return doc.isElement(node)
        && doc.isLaidOut(node)
        && !doc.style(node, DomSnapshot.POINTER_EVENTS).equals("none")
        && !doc.style(node, DomSnapshot.VISIBILITY).equals("hidden")
        && !box(node).intersect(window).isEmpty();
  }

  /** Nearest to the eye first; within one paint order the later node is the nearer. */
  private int[] paintOrder() {
    return java.util.stream.IntStream.range(0, doc.size)
        .filter(this::takesPointer)
        .boxed()
        .sorted((a, b) ->
            doc.paint(a) != doc.paint(b)
                ? Integer.compare(doc.paint(b), doc.paint(a))
                : Integer.compare(b, a))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
