package dev.krafla.image.layout;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Canvas;
import dev.krafla.image.scene.Rule;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Moves boxes until rules hold: each round mends one rule after the other by the least movement,
 * preferred ones first so that required ones have the last word. Boxes that the user fixed do not
 * move. Bounded: {@value #ROUNDS} rounds.
 */
final class RuleSolver {
  static final int ROUNDS = 400;

  /** Pixels by which a rule may be missed. */
  private static final double SLACK = 0.75;

  private final Canvas canvas;
  private final List<Rule> rules;
  private final Set<String> fixed;

  RuleSolver(Canvas canvas, List<Rule> rules, Collection<String> fixed) {
    this.canvas = canvas;
    this.rules = rules;
    this.fixed = new HashSet<>(fixed);
    this.fixed.add("canvas");
  }

  /** New boxes of the nodes that rules speak of. */
  Map<String, Box> solve(Map<String, Box> boxes) {
    var moving = new LinkedHashMap<String, Box>();
    for (Rule rule : rules) {
      moving.put(rule.a(), box(rule.a(), boxes));
      moving.put(rule.b(), box(rule.b(), boxes));
    }
    for (int round = 0; round < ROUNDS; round++) {
      boolean moved = false;
      for (boolean required : new boolean[] {false, true}) {
        if (!required && round > ROUNDS / 2) {
          continue; // what is only preferred gives way
        }
        for (Rule rule : rules) {
          if (rule.required() == required) {
            moved |= mend(rule, moving);
          }
        }
      }
      moved |= keepInside(moving);
      if (!moved) {
        break;
      }
    }
    moving.remove("canvas");
    return moving;
  }

  private Box box(String id, Map<String, Box> boxes) {
    if (id.equals("canvas")) {
      return canvas.box();
    }
    Box box = boxes.get(id);
    if (box == null) {
      throw new IllegalStateException("no box for '%s'".formatted(id));
    }
    return box;
  }

  private boolean keepInside(Map<String, Box> boxes) {
    boolean moved = false;
    for (var e : boxes.entrySet()) {
      Box b = e.getValue();
      if (fixed.contains(e.getKey())) {
        continue;
      }
      Box room = canvas.safe();
      boolean fits = b.width() <= room.width() + 0.5 && b.height() <= room.height() + 0.5;
      Box within = fits ? room : canvas.box();
      double dx = into(b.x(), b.width(), within.x(), within.right());
      double dy = into(b.y(), b.height(), within.y(), within.bottom());
      if (Math.abs(dx) + Math.abs(dy) > 0.01) {
        e.setValue(b.moved(dx, dy));
        moved = true;
      }
    }
    return moved;
  }

  /** How far {@code [at, at + length]} must go to lie in {@code [low, high]}. */
  private static double into(double at, double length, double low, double high) {
    return at < low ? low - at : at + length > high ? Math.max(low, high - length) - at : 0;
  }

  private boolean mend(Rule rule, Map<String, Box> boxes) {
    Box a = box(rule.a(), boxes);
    Box b = box(rule.b(), boxes);
    double gap = rule.gap();
    return switch (rule.op()) {
      case LEFT_OF -> apart(rule, boxes, Math.max(0, a.right() + gap - b.x()), -1, 0);
      case RIGHT_OF -> apart(rule, boxes, Math.max(0, b.right() + gap - a.x()), 1, 0);
      case ABOVE -> apart(rule, boxes, Math.max(0, a.bottom() + gap - b.y()), 0, -1);
      case BELOW -> apart(rule, boxes, Math.max(0, b.bottom() + gap - a.y()), 0, 1);
      case ALIGNED_LEFT -> apart(rule, boxes, b.x() - a.x(), 1, 0);
      case ALIGNED_RIGHT -> apart(rule, boxes, b.right() - a.right(), 1, 0);
      case ALIGNED_TOP -> apart(rule, boxes, b.y() - a.y(), 0, 1);
      case ALIGNED_BOTTOM -> apart(rule, boxes, b.bottom() - a.bottom(), 0, 1);
      case CENTERED_X -> apart(rule, boxes, b.centerX() - a.centerX(), 1, 0);
      case CENTERED_Y -> apart(rule, boxes, b.centerY() - a.centerY(), 0, 1);
      case INSIDE -> inside(rule, boxes, a, b.inset(gap));
      case SAME_SIZE -> sameSize(rule, boxes, a, b);
      case NO_OVERLAP -> noOverlap(rule, boxes, a, b);
    };
  }

  /** Moves a by {@code distance} along (ux, uy), or b the other way, or both by half. */
  private boolean apart(Rule rule, Map<String, Box> boxes, double distance, int ux, int uy) {
    if (Math.abs(distance) < 0.05) {
      return false;
    }
    boolean moveA = !fixed.contains(rule.a());
    boolean moveB = !fixed.contains(rule.b());
    double each = moveA && moveB ? distance / 2 : distance;
    if (moveA) {
      boxes.computeIfPresent(rule.a(), (_, box) -> box.moved(ux * each, uy * each));
    }
    if (moveB) {
      boxes.computeIfPresent(rule.b(), (_, box) -> box.moved(-ux * each, -uy * each));
    }
    return moveA || moveB;
  }

  private boolean inside(Rule rule, Map<String, Box> boxes, Box a, Box room) {
    double dx = into(a.x(), a.width(), room.x(), room.right());
    double dy = into(a.y(), a.height(), room.y(), room.bottom());
    if (Math.abs(dx) + Math.abs(dy) < 0.05 || fixed.contains(rule.a())) {
      return false;
    }
    boxes.put(rule.a(), a.moved(dx, dy));
    return true;
  }

  private boolean sameSize(Rule rule, Map<String, Box> boxes, Box a, Box b) {
    if (Math.abs(a.width() - b.width()) + Math.abs(a.height() - b.height()) < 0.05
        || fixed.contains(rule.a())) {
      return false;
    }
    boxes.put(
        rule.a(),
        new Box(a.centerX() - b.width() / 2, a.centerY() - b.height() / 2, b.width(), b.height()));
    return true;
  }

  private boolean noOverlap(Rule rule, Map<String, Box> boxes, Box a, Box b) {
    double gap = rule.gap();
    double right = b.right() + gap - a.x();
    double left = a.right() + gap - b.x();
    double down = b.bottom() + gap - a.y();
    double up = a.bottom() + gap - b.y();
    if (right <= 0.05 || left <= 0.05 || down <= 0.05 || up <= 0.05) {
      return false;
    }
    double least = Math.min(Math.min(left, right), Math.min(up, down));
    if (least == left) {
      return apart(rule, boxes, left, -1, 0);
    }
    if (least == right) {
      return apart(rule, boxes, right, 1, 0);
    }
    return least == up ? apart(rule, boxes, up, 0, -1) : apart(rule, boxes, down, 0, 1);
  }

  /** What is wrong with {@code rule}, with the numbers; empty when it holds. */
  Optional<String> violation(Rule rule, Map<String, Box> boxes) {
    Box a = box(rule.a(), boxes);
    Box b = box(rule.b(), boxes);
    double missed =
        switch (rule.op()) {
          case LEFT_OF -> a.right() + rule.gap() - b.x();
          case RIGHT_OF -> b.right() + rule.gap() - a.x();
          case ABOVE -> a.bottom() + rule.gap() - b.y();
          case BELOW -> b.bottom() + rule.gap() - a.y();
          case ALIGNED_LEFT -> Math.abs(a.x() - b.x());
          case ALIGNED_RIGHT -> Math.abs(a.right() - b.right());
          case ALIGNED_TOP -> Math.abs(a.y() - b.y());
          case ALIGNED_BOTTOM -> Math.abs(a.bottom() - b.bottom());
          case CENTERED_X -> Math.abs(a.centerX() - b.centerX());
          case CENTERED_Y -> Math.abs(a.centerY() - b.centerY());
          case SAME_SIZE ->
              Math.max(Math.abs(a.width() - b.width()), Math.abs(a.height() - b.height()));
          case INSIDE -> outside(a, b.inset(rule.gap()));
          case NO_OVERLAP ->
              Math.min(
                  Math.min(a.right() + rule.gap() - b.x(), b.right() + rule.gap() - a.x()),
                  Math.min(a.bottom() + rule.gap() - b.y(), b.bottom() + rule.gap() - a.y()));
        };
    return missed <= SLACK
        ? Optional.empty()
        : Optional.of(
            "'%s' is missed by %.1f px: %s is at %s, %s at %s"
                .formatted(rule, missed, rule.a(), a, rule.b(), b));
  }

  private static double outside(Box a, Box room) {
    return Math.max(
        Math.max(room.x() - a.x(), a.right() - room.right()),
        Math.max(room.y() - a.y(), a.bottom() - room.bottom()));
  }
}
