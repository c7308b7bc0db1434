package dev.krafla.screen.browser;

import dev.krafla.screen.ActionKind;
import dev.krafla.screen.Bounds;
import dev.krafla.screen.Node;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.Source;
import dev.krafla.screen.State;
import dev.krafla.screen.Trust;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Joins accessibility trees and snapshots of all frames to one screen. The trees give roles, names
 * and order; the snapshots give boxes, what lies on top, and what listens to clicks without saying
 * so. What merely groups is left out.
 */
final class ScreenBuilder {
  private static final double GUESSED = 0.5;

  /** A clickable box of this share of the window with things to click in it is only their frame. */
  private static final double MOST_OF_WINDOW = 0.25;

  private static final double SMALLEST_PICTURE = 8;

  /** So many blocks of one kind side by side are a list that does not call itself one. */
  private static final int FEWEST_ALIKE = 3;

  /** A struck price is not the price beside it. */
  private static final Set<String> STRUCK = Set.of("S", "DEL", "STRIKE", "INS");

  private static final int LONGEST_NAME = 200;

  private final Capture capture;
  private final RefBook refs;
  private final int generation;
  private Optional<Ref> focus = Optional.empty();
  private Optional<Ref> modal = Optional.empty();

  /** A frame while it is built. */
  private record Place(
      Frame frame, DomSnapshot.Doc doc, Geometry geometry, Map<Integer, Frame> shows) {}

  private ScreenBuilder(Capture capture, RefBook refs, int generation) {
    this.capture = capture;
    this.refs = refs;
    this.generation = generation;
  }

  /** The screen of a capture; new nodes get numbers of {@code refs}, which remembers it. */
  static Screen build(Capture capture, RefBook refs, String surface, int generation) {
    var builder = new ScreenBuilder(capture, refs, generation);
    Frame main = capture.frames().getFirst();
    Bounds window = new Bounds(0, 0, capture.viewport().width(), capture.viewport().height());
    Sink sink = new Sink();
    builder.addFrame(main, 0, 0, window, sink);
    List<Node> nodes = sink.nodes();
    String title = nodes.isEmpty() ? "" : nodes.getFirst().name();
    Screen screen =
        new Screen(
            surface,
            generation,
            main.url(),
            title,
            capture.viewport(),
            capture.contentHeight(),
            capture.scale(),
            builder.focus,
            builder.modal,
            nodes,
            0);
    refs.note(screen);
    return screen;
  }

  private void addFrame(Frame frame, double x, double y, Bounds window, Sink sink) {
    DomSnapshot snapshot = capture.snapshots().get(frame.session());
    AxTree tree = capture.trees().getOrDefault(frame.id(), AxTree.empty());
    AxTree.AxNode root = tree.root();
    Optional<DomSnapshot.Doc> doc = snapshot == null ? Optional.empty() : snapshot.of(frame.id());
    if (snapshot == null || doc.isEmpty() || root == null) {
      return;
    }
    double scale = capture.scale();
    var geometry =
        new Geometry(
            doc.get(), x - doc.get().scrollX / scale, y - doc.get().scrollY / scale, window, scale);
    Place place = new Place(frame, doc.get(), geometry, shownFrames(frame, doc.get(), snapshot));
    Sink inner = new Sink();
    for (AxTree.AxNode child : root.children()) {
      visit(child, place, inner);
    }
    addForgotten(tree, place, inner);
    int document = doc.get().find(root.backend());
    Set<State> states = EnumSet.noneOf(State.class);
    boolean isMain = frame.label().isEmpty();
    sink.add(
        new Node(
            ref(place, root.backend()),
            isMain ? Role.WINDOW : Role.REGION,
            root.name().strip(),
            isMain ? Optional.empty() : Optional.of(frame.url()),
            states,
            document < 0 ? window : window.intersect(geometry.box(document)),
            EnumSet.of(ActionKind.SCROLL),
            Source.CDP,
            1,
            Trust.WEB,
            frame.label(),
            inner.nodes()));
  }

  /** Which element of the document shows which frame. */
  private Map<Integer, Frame> shownFrames(Frame frame, DomSnapshot.Doc doc, DomSnapshot snapshot) {
    Map<Integer, Frame> shows = new HashMap<>();
    Map<String, Frame> byId = new HashMap<>();
    capture.children(frame).forEach(f -> byId.put(f.id(), f));
    for (int n = 0; n < doc.size && !byId.isEmpty(); n++) {
      int index = doc.contentDocument(n);
      if (index >= 0 && index < snapshot.documents().size()) {
        Frame shown = byId.get(snapshot.documents().get(index).frame);
        if (shown != null) {
          shows.put(n, shown);
        }
      }
    }
    byId.forEach((id, f) -> {
      Integer owner = capture.owners().get(id);
      if (owner != null && doc.find(owner) >= 0) {
        shows.put(doc.find(owner), f);
      }
    });
    return shows;
  }

  // ---- one node -------------------------------------------------------------------------------

  private void visit(AxTree.AxNode ax, Place place, Sink sink) {
    int node = place.doc.find(ax.backend());
    Optional<Role> role = ax.ignored() ? Optional.empty() : Roles.of(ax.role());
    if (role.isPresent() && role.get() == Role.TEXT) {
      addText(ax, node, place, sink);
      return;
    }
    Frame shown = node < 0 ? null : place.shows.get(node);
    if (shown != null) {
      if (place.geometry.isShown(node)) {
        Bounds box = place.geometry.contentBox(node);
        Bounds window = box.intersect(place.geometry.clip(node)).intersect(place.geometry.window());
        addFrame(shown, box.x(), box.y(), window, sink);
      }
      return;
    }
    Sink inner = new Sink();
    for (AxTree.AxNode child : ax.children()) {
      visit(child, place, inner);
    }
    if (ax.role().equals("article") && node >= 0 && place.doc.alike(node) >= FEWEST_ALIKE) {
      role = Optional.of(Role.LISTITEM);
    }
    boolean option = ax.role().equals("option");
    if (node < 0 || !(place.geometry.isShown(node) || option)) {
      sink.addAll(inner, false);
      return;
    }
    Clickable clickable = clickable(node, place, inner);
    if (role.isPresent()) {
      add(role.get(), ax, node, place, inner, clickable, sink);
    } else if (isEditable(ax, place.doc, node)) {
      add(Role.TEXTBOX, ax, node, place, inner, clickable, sink);
    } else if (clickable != Clickable.NO) {
      add(Role.BUTTON, ax, node, place, inner, clickable, sink);
    } else if (isPicture(node, place, inner)) {
      add(Role.IMAGE, ax, node, place, inner, clickable, sink);
    } else if (place.geometry.scrolls(node) && inner.isLong(place.geometry.box(node))) {
      add(Role.REGION, ax, node, place, inner, clickable, sink);
    } else if (inner.nodes().size() > 1 && place.doc.alike(node) >= FEWEST_ALIKE) {
      add(Role.LISTITEM, ax, node, place, inner, clickable, sink); // a card among cards
    } else {
      boolean inline = place.doc.style(node, DomSnapshot.DISPLAY).startsWith("inline");
      sink.addAll(inner, !inline || STRUCK.contains(place.doc.name(node)));
    }
  }

  private static boolean isEditable(AxTree.AxNode ax, DomSnapshot.Doc doc, int node) {
    String editable = doc.attribute(node, "contenteditable");
    return editable != null && !editable.equals("false") && !ax.property("editable").isEmpty();
  }

  private void addText(AxTree.AxNode ax, int node, Place place, Sink sink) {
    if (ax.name().isBlank() || (node >= 0 && !textIsShown(node, place))) {
      return;
    }
    Bounds box = node < 0 ? Bounds.EMPTY : visibleBox(node, place);
    Set<State> states = EnumSet.noneOf(State.class);
    if (node >= 0 && box.intersect(place.geometry.window()).isEmpty()) {
      states.add(State.OFFSCREEN);
    }
    Optional<String> value = ax.value().isEmpty() ? Optional.empty() : Optional.of(ax.value());
    sink.text(
        new Node(
            ref(place, ax.backend()),
            Role.TEXT,
            ax.name(),
            value,
            states,
            box,
            Set.of(),
            Source.CDP,
            1,
            Trust.WEB,
            place.frame.label(),
            List.of()));
  }

  private static boolean textIsShown(int node, Place place) {
    int parent = place.doc.isElement(node) ? node : place.doc.parent[node];
    return place.doc.isLaidOut(node) && (parent < 0 || place.geometry.isShown(parent));
  }

  /** The node's box less what scroll containers cut off; the whole box when they leave nothing. */
  private static Bounds visibleBox(int node, Place place) {
    Bounds box = place.geometry.box(node);
    Bounds cut = box.intersect(place.geometry.clip(node));
    return cut.isEmpty() ? box : cut;
  }

  private void add(
      Role role,
      AxTree.AxNode ax,
      int node,
      Place place,
      Sink inner,
      Clickable clickable,
      Sink sink) {
    Bounds box = visibleBox(node, place);
    Named named = name(role, ax, node, place, inner, box);
    Set<ActionKind> actions = Affordances.of(role, ax, place.doc, node, clickable != Clickable.NO);
    if (place.geometry.scrolls(node) && inner.isLong(place.geometry.box(node))) {
      actions.add(ActionKind.SCROLL);
    }
    if (role == Role.IMAGE && named.name.isEmpty() && actions.isEmpty()) {
      sink.addAll(inner, false);
      return;
    }
    Set<State> states = states(role, ax, node, place, box, actions);
    Ref ref = ref(place, ax.backend());
    boolean sayAll = named.saysContent || isPlainField(place.doc, node);
    List<Node> children =
        sayAll ? inner.nodes().stream().filter(ScreenBuilder::saysMore).toList() : inner.nodes();
    if (states.contains(State.FOCUSED)) {
      focus = Optional.of(ref);
    }
    if (ax.is("modal")) {
      modal = Optional.of(ref);
    }
    sink.add(
        new Node(
            ref,
            role,
            named.name,
            Affordances.value(role, ax, place.doc, node),
            states,
            box,
            actions,
            Source.CDP,
            clickable == Clickable.BY_STYLE
                ? Math.min(GUESSED, named.confidence)
                : named.confidence,
            Trust.WEB,
            place.frame.label(),
            children));
  }

  /** What it shows inside is its value. */
  private static boolean isPlainField(DomSnapshot.Doc doc, int node) {
    return doc.name(node).equals("INPUT") || doc.name(node).equals("TEXTAREA");
  }

  /** Whether a node within one that is named by its content adds something. */
  private static boolean saysMore(Node node) {
    return node.role() != Role.TEXT && node.stream().anyMatch(Node::interactive);
  }

  private record Named(String name, double confidence, boolean saysContent) {}

  private Named name(Role role, AxTree.AxNode ax, int node, Place place, Sink inner, Bounds box) {
    if (!ax.name().isBlank() && !ax.ignored()) {
      return new Named(cut(ax.name()), 1, Roles.namedByContent(role));
    }
    boolean card = role == Role.LISTITEM && (ax.ignored() || ax.role().equals("generic"));
    if (card) {
      return new Named("", GUESSED, false);
    }
    boolean needsName = role.interactive() || role == Role.IMAGE;
    if (!needsName) {
      return new Named("", 1, false);
    }
    String text = inner.text();
    if (!text.isEmpty() && role != Role.TEXTBOX && role != Role.COMBOBOX) {
      return new Named(cut(text), role == Role.BUTTON && ax.ignored() ? GUESSED : 1, true);
    }
    if (role == Role.IMAGE && ax.ignored() && box.area() < SMALLEST_PICTURE) {
      return new Named("", 1, false);
    }
    return new Named(
        cut(WeakName.of(place.doc, node, box, place.geometry.window())), GUESSED, false);
  }

  static String cut(String name) {
    String plain = name.replaceAll("\\s+", " ").strip();
    return plain.length() <= LONGEST_NAME
        ? plain
        : plain.substring(0, LONGEST_NAME - 1).strip() + "…";
  }

  private Set<State> states(
      Role role, AxTree.AxNode ax, int node, Place place, Bounds box, Set<ActionKind> actions) {
    Set<State> states = Affordances.states(ax, place.doc, node, !actions.isEmpty());
    if (actions.contains(ActionKind.SCROLL)) {
      states.add(State.SCROLLABLE);
    }
    boolean laidOut = place.doc.isLaidOut(node);
    Bounds seen = box.intersect(place.geometry.window()).intersect(place.geometry.clip(node));
    if (laidOut && seen.isEmpty()) {
      states.add(State.OFFSCREEN);
    } else if (laidOut
        && !actions.isEmpty()
        && role != Role.REGION
        && isCovered(node, place, seen)) {
      states.add(State.OBSCURED);
    }
    return states;
  }

  /** Whether the middle of what is seen of it belongs to something else. */
  private static boolean isCovered(int node, Place place, Bounds seen) {
    DomSnapshot.Doc doc = place.doc;
    int top = place.geometry.topmost(seen.center().x(), seen.center().y());
    if (top < 0 || doc.within(top, node) || doc.within(node, top)) {
      return false;
    }
    int label = label(doc, node);
    return label < 0 || !doc.within(top, label);
  }

  private static int label(DomSnapshot.Doc doc, int node) {
    for (int n = node; n >= 0; n = doc.parent[n]) {
      if (doc.name(n).equals("LABEL")) {
        return n;
      }
    }
    return -1;
  }

  private Ref ref(Place place, int backend) {
    int number =
        refs.number(new RefBook.Identity(place.frame.id(), place.frame.document(), backend));
    return new Ref(number, generation);
  }

  // ---- what no role gives away ----------------------------------------------------------------

  private enum Clickable {
    NO,
    /** It listens. */
    YES,
    /** The pointer becomes a hand over it, and over nothing around it. */
    BY_STYLE
  }

  private Clickable clickable(int node, Place place, Sink inner) {
    DomSnapshot.Doc doc = place.doc;
    String name = doc.name(node);
    if (name.equals("HTML") || name.equals("BODY") || labelsAnother(node, place)) {
      return Clickable.NO;
    }
    if (doc.style(node, DomSnapshot.POINTER_EVENTS).equals("none")) {
      return Clickable.NO;
    }
    boolean listens = doc.clickable.get(node);
    boolean hand = doc.style(node, DomSnapshot.CURSOR).equals("pointer") && !handAround(doc, node);
    if (!listens && !hand) {
      return Clickable.NO;
    }
    Bounds box = place.geometry.box(node);
    boolean frame =
        box.area() > MOST_OF_WINDOW * place.geometry.window().area()
            || (!listens && inner.hasInteractive());
    if (frame && inner.hasInteractive()) {
      return Clickable.NO;
    }
    return listens ? Clickable.YES : box.isEmpty() ? Clickable.NO : Clickable.BY_STYLE;
  }

  private static boolean handAround(DomSnapshot.Doc doc, int node) {
    int parent = doc.parent[node];
    while (parent >= 0 && !doc.isLaidOut(parent)) {
      parent = doc.parent[parent];
    }
    return parent >= 0 && doc.style(parent, DomSnapshot.CURSOR).equals("pointer");
  }

  /** A label whose field can be seen needs no click of its own. */
  private static boolean labelsAnother(int node, Place place) {
    DomSnapshot.Doc doc = place.doc;
    if (!doc.name(node).equals("LABEL")) {
      return false;
    }
    String id = doc.attributeOr(node, "for");
    for (int n = 0; n < doc.size; n++) {
      boolean field =
          doc.name(n).equals("INPUT")
              || doc.name(n).equals("SELECT")
              || doc.name(n).equals("TEXTAREA");
      boolean its = id.isEmpty() ? doc.within(n, node) : doc.attributeOr(n, "id").equals(id);
      if (field && its && place.geometry.isShown(n)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPicture(int node, Place place, Sink inner) {
    if (!inner.nodes().isEmpty()
        || !place.doc.style(node, DomSnapshot.BACKGROUND_IMAGE).startsWith("url(")) {
      return false;
    }
    Bounds box = place.geometry.box(node);
    return Math.min(box.width(), box.height()) >= SMALLEST_PICTURE;
  }

  /** What can be clicked and is not in the accessibility tree at all. */
  private void addForgotten(AxTree tree, Place place, Sink sink) {
    DomSnapshot.Doc doc = place.doc;
    for (int n = doc.clickable.nextSetBit(0); n >= 0; n = doc.clickable.nextSetBit(n + 1)) {
      if (!tree.backendIds().contains(doc.backend[n])
          && doc.isElement(n)
          && place.geometry.isShown(n)
          && !place.geometry.box(n).isEmpty()
          && clickable(n, place, new Sink()) == Clickable.YES) {
        var unknown = new AxTree.AxNode("", "", "", doc.backend[n], true, Map.of(), List.of());
        add(Role.BUTTON, unknown, n, place, new Sink(), Clickable.YES, sink);
      }
    }
  }
}
