package dev.krafla.screen;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a surface shows at one moment.
 *
 * @param surface which one, as {@code browser:1}
 * @param generation counts the looks at this surface
 * @param location a page's address, an app's id
 * @param viewport its size in CSS pixels; x and y say how far it is scrolled
 * @param contentHeight of everything that can be scrolled to, in CSS pixels
 * @param scale device pixels in a CSS pixel
 * @param focus the node that keys go to
 * @param modal the dialog that must be answered before anything else
 * @param nodes the roots, in reading order
 * @param elsewhere how many more things to act on the surface has beyond these nodes; 0 when all
 *     are here
 */
public record Screen(
    String surface,
    int generation,
    String location,
    String title,
    Bounds viewport,
    double contentHeight,
    double scale,
    Optional<Ref> focus,
    Optional<Ref> modal,
    List<Node> nodes,
    int elsewhere) {
  public Screen {
    nodes = List.copyOf(nodes);
  }

  /** Every node, parents before children, in reading order. */
  public Stream<Node> stream() {
    return nodes.stream().flatMap(Node::stream);
  }

  /** The node with this number, whichever generation the reference is of. */
  public Optional<Node> find(Ref ref) {
    return stream().filter(n -> n.ref().element() == ref.element()).findFirst();
  }

  /** Nodes of a role whose name is {@code name}. */
  public List<Node> named(Role role, String name) {
    return stream().filter(n -> n.role() == role && n.name().equals(name)).toList();
  }
}
