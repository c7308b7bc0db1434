package dev.krafla.models.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Expressions of a template. */
sealed interface Expr {
  record Literal(Object value) implements Expr {}

  record Name(String name) implements Expr {}

  record ListOf(List<Expr> items) implements Expr {}

  record TupleOf(List<Expr> items) implements Expr {}

  record DictOf(List<Map.Entry<Expr, Expr>> entries) implements Expr {}

  /** {@code target.name}. */
  record Attribute(Expr target, String name) implements Expr {}

  /** {@code target[index]}. */
  record Item(Expr target, Expr index) implements Expr {}

  /** {@code target[from:to:step]}. */
  record Slice(Expr target, Optional<Expr> from, Optional<Expr> to, Optional<Expr> step)
      implements Expr {}

  record Call(Expr function, Arguments arguments) implements Expr {}

  /** {@code target | name(arguments)}; in a filter block the body is the target. */
  record Filter(Expr target, String name, Arguments arguments) implements Expr {}

  record Test(Expr target, String name, Arguments arguments) implements Expr {}

  record Not(Expr operand) implements Expr {}

  record Negative(Expr operand) implements Expr {}

  record Positive(Expr operand) implements Expr {}

  record And(Expr left, Expr right) implements Expr {}

  record Or(Expr left, Expr right) implements Expr {}

  /** {@code + - * / // % **}. */
  record Arithmetic(String operator, Expr left, Expr right) implements Expr {}

  /** {@code ~}. */
  record Concat(List<Expr> parts) implements Expr {}

  /** {@code first op operand op operand …}: each neighbour pair must hold. */
  record Compare(Expr first, List<Map.Entry<String, Expr>> rest) implements Expr {}

  /** {@code then if test else otherwise}. */
  record Conditional(Expr test, Expr then, Optional<Expr> otherwise) implements Expr {}

  /** Arguments as written. */
  record Arguments(List<Expr> positional, Map<String, Expr> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
