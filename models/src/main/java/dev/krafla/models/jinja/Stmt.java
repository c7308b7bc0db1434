package dev.krafla.models.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Statements of a template. */
sealed interface Stmt {
  record Text(String text) implements Stmt {}

  record Print(Expr value, int line) implements Stmt {}

  /** Branches in order; {@code otherwise} when none holds. */
  record If(List<Map.Entry<Expr, List<Stmt>>> branches, List<Stmt> otherwise) implements Stmt {}

  /** {@code otherwise} runs when no item passes {@code test}. */
  record For(Target target, Expr items, Optional<Expr> test, List<Stmt> body, List<Stmt> otherwise)
      implements Stmt {}

  record Set(Target target, Expr value) implements Stmt {}

  /** The text of {@code body}, through {@code filters}, becomes the variable's value. */
  record SetBlock(Target target, List<Expr.Filter> filters, List<Stmt> body) implements Stmt {}

  record Macro(String name, List<Parameter> parameters, List<Stmt> body) implements Stmt {}

  /** Calls a macro that finds {@code body} as {@code caller}. */
  record CallBlock(List<Parameter> parameters, Expr.Call call, List<Stmt> body) implements Stmt {}

  record FilterBlock(List<Expr.Filter> filters, List<Stmt> body) implements Stmt {}

  /** A scope with variables of its own. */
  record With(List<Map.Entry<Target, Expr>> variables, List<Stmt> body) implements Stmt {}

  record Break() implements Stmt {}

  record Continue() implements Stmt {}

  /** A macro's parameter. */
  record Parameter(String name, Optional<Expr> preset) {}

  /** What a value is assigned to. */
  sealed interface Target {
    record Variable(String name) implements Target {}

    /** {@code name.attribute} of a namespace. */
    record Member(String name, String attribute) implements Target {}

    record Unpack(List<Target> targets) implements Target {}
  }
}
