package dev.krafla.models.jinja;

import dev.krafla.models.jinja.Expr.Arguments;
import dev.krafla.models.jinja.Lexer.Kind;
import dev.krafla.models.jinja.Lexer.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads expressions; precedence is that of jinja2. */
final class ExprParser {
  /** Deeper nesting would endanger the stack of whoever renders. */
  private static final int MAX_DEPTH = 120;

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private int depth;

  ExprParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between them as a tuple. */
  Expr tuple() {
    Expr first = expression();
    if (!tokens.peek().isOperator(",")) {
      return first;
    }
    List<Expr> items = new ArrayList<>(List.of(first));
    while (tokens.skipOperator(",")) {
      if (tokens.peek().kind() == Kind.BLOCK_END || tokens.peek().kind() == Kind.VARIABLE_END) {
        break;
      }
      items.add(expression());
    }
    return new Expr.TupleOf(items);
  }

  Expr expression() {
    if (++depth > MAX_DEPTH) {
      throw tokens.error("expressions are nested more than %d deep".formatted(MAX_DEPTH));
    }
    Expr value = or();
    while (tokens.skipName("if")) {
      Expr test = or();
      Optional<Expr> otherwise =
          tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
      value = new Expr.Conditional(test, value, otherwise);
    }
    depth--;
    return value;
  }

  /** An expression that may not be a conditional: what a for loop runs over. */
  Expr withoutConditional() {
    return or();
  }

  private Expr or() {
    Expr left = and();
    while (tokens.skipName("or")) {
      left = new Expr.Or(left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (tokens.skipName("and")) {
      left = new Expr.And(left, not());
    }
    return left;
  }

  private Expr not() {
    int times = 0;
    while (tokens.skipName("not")) {
      times++;
    }
    Expr value = comparison();
    if (times == 0) {
      return value;
    }
    Expr negated = new Expr.Not(value);
    return times % 2 == 1 ? negated : new Expr.Not(negated);
  }

  private Expr comparison() {
    Expr first = sum();
    List<Map.Entry<String, Expr>> rest = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        tokens.next();
        rest.add(Map.entry(token.text(), sum()));
      } else if (token.isName("in")) {
        tokens.next();
        rest.add(Map.entry("in", sum()));
      } else if (token.isName("not") && tokens.peekAfter().isName("in")) {
        tokens.next();
        tokens.next();
        rest.add(Map.entry("not in", sum()));
      } else {
        return rest.isEmpty() ? first : new Expr.Compare(first, rest);
      }
    }
  }

  private Expr sum() {
    Expr left = concat();
    while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
      left = new Expr.Arithmetic(tokens.next().text(), left, concat());
    }
    return left;
  }

  private Expr concat() {
    Expr first = product();
    if (!tokens.peek().isOperator("~")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expr.Concat(parts);
  }

  private Expr product() {
    Expr left = power();
    while (tokens.peek().kind() == Kind.OPERATOR
        && Set.of("*", "/", "//", "%").contains(tokens.peek().text())) {
      left = new Expr.Arithmetic(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expr power() {
    Expr left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Expr.Arithmetic("**", left, unary(true));
    }
    return left;
  }

  private Expr unary(boolean withFilter) {
    Expr value;
    if (tokens.peek().isOperator("-") || tokens.peek().isOperator("+")) {
      if (++depth > MAX_DEPTH) {
        throw tokens.error("signs are nested more than %d deep".formatted(MAX_DEPTH));
      }
      boolean negative = tokens.next().text().equals("-");
      Expr operand = unary(false);
      value = negative ? new Expr.Negative(operand) : new Expr.Positive(operand);
      depth--;
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilter ? filters(value) : value;
  }

  private Expr primary() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> name(tokens.next().text());
      case STRING -> string();
      case INTEGER -> integer(tokens.next());
      case FLOAT -> floating();
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> parenthesis();
            case "[" -> list();
            case "{" -> dict();
            default -> throw tokens.unexpected("an expression");
          };
      case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END ->
          throw tokens.unexpected("an expression");
    };
  }

  private Expr integer(Token token) {
    try {
      return new Expr.Literal(Long.parseLong(token.text()));
    } catch (NumberFormatException e) {
      throw tokens.error("the number %s is too large".formatted(token.text()));
    }
  }

  private Expr floating() {
    String text = tokens.next().text();
    try {
      return new Expr.Literal(Double.parseDouble(text));
    } catch (NumberFormatException e) { // digits of another script
      throw tokens.error("%s is no number".formatted(text));
    }
  }

  private static Expr name(String name) {
    return switch (name) {
      case "true", "True" -> new Expr.Literal(true);
      case "false", "False" -> new Expr.Literal(false);
      case "none", "None" -> new Expr.Literal(Values.None.NONE);
      default -> new Expr.Name(name);
    };
  }

  private Expr string() {
    var text = new StringBuilder();
    while (tokens.peek().kind() == Kind.STRING) {
      text.append(tokens.next().text());
    }
    return new Expr.Literal(text.toString());
  }

  private Expr parenthesis() {
    tokens.expectOperator("(");
    List<Expr> items = new ArrayList<>();
    boolean comma = false;
    while (!tokens.peek().isOperator(")")) {
      items.add(expression());
      comma = tokens.skipOperator(",");
      if (!comma) {
        break;
      }
    }
    tokens.expectOperator(")");
    return items.size() == 1 && !comma ? items.getFirst() : new Expr.TupleOf(items);
  }

  private Expr list() {
    tokens.expectOperator("[");
    List<Expr> items = new ArrayList<>();
    while (!tokens.peek().isOperator("]")) {
      items.add(expression());
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("]");
    return new Expr.ListOf(items);
  }

  private Expr dict() {
    tokens.expectOperator("{");
    List<Map.Entry<Expr, Expr>> entries = new ArrayList<>();
    while (!tokens.peek().isOperator("}")) {
      Expr key = expression();
      tokens.expectOperator(":");
      entries.add(Map.entry(key, expression()));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator("}");
    return new Expr.DictOf(entries);
  }

  private Expr postfix(Expr start) {
    Expr value = start;
    while (true) {
      if (tokens.skipOperator(".")) {
        Token member = tokens.next();
        value =
            switch (member.kind()) {
              case NAME -> new Expr.Attribute(value, member.text());
              case INTEGER -> new Expr.Item(value, integer(member));
              default -> throw tokens.error("expected a name after '.'");
            };
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.peek().isOperator("(")) {
        value = new Expr.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expr subscript(Expr target) {
    Optional<Expr> from = tokens.peek().isOperator(":") ? Optional.empty() : Optional.of(tuple());
    if (from.isPresent() && tokens.skipOperator("]")) {
      return new Expr.Item(target, from.get());
    }
    tokens.expectOperator(":");
    Optional<Expr> to = sliceEnd();
    Optional<Expr> step = tokens.skipOperator(":") ? sliceEnd() : Optional.empty();
    tokens.expectOperator("]");
    return new Expr.Slice(target, from, to, step);
  }

  private Optional<Expr> sliceEnd() {
    Token token = tokens.peek();
    return token.isOperator(":") || token.isOperator("]")
        ? Optional.empty()
        : Optional.of(expression());
  }

  /** Arguments in parentheses. */
  Arguments arguments() {
    tokens.expectOperator("(");
    List<Expr> positional = new ArrayList<>();
    Map<String, Expr> named = new LinkedHashMap<>();
    while (!tokens.peek().isOperator(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.peekAfter().isOperator("=")) {
        String name = tokens.next().text();
        tokens.next();
        named.put(name, expression());
      } else if (tokens.peek().isOperator("*") || tokens.peek().isOperator("**")) {
        throw tokens.error("unpacking of arguments is not supported");
      } else {
        positional.add(expression());
      }
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return new Arguments(positional, named);
  }

  private Expr filters(Expr start) {
    Expr value = start;
    while (true) {
      if (tokens.skipOperator("|")) {
        value = filter(value);
      } else if (tokens.peek().isName("is")) {
        tokens.next();
        value = test(value);
      } else if (tokens.peek().isOperator("(")) {
        value = new Expr.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** The filter whose name comes next, applied to {@code target}. */
  Expr.Filter filter(Expr target) {
    String name = tokens.expect(Kind.NAME).text();
    if (!Filters.isKnown(name)) {
      throw tokens.error("there is no filter '%s'".formatted(name));
    }
    Arguments arguments = tokens.peek().isOperator("(") ? arguments() : Arguments.NONE;
    return new Expr.Filter(target, name, arguments);
  }

  private Expr test(Expr target) {
    boolean negated = tokens.skipName("not");
    Token token = tokens.next();
    String name = token.text();
    boolean nameable = token.kind() == Kind.NAME || token.kind() == Kind.OPERATOR;
    if (!nameable || !Tests.isKnown(name)) {
      throw tokens.error("there is no test '%s'".formatted(name));
    }
    Arguments arguments = Arguments.NONE;
    Token next = tokens.peek();
    if (next.isOperator("(")) {
      arguments = arguments();
    } else if (startsArgument(next)) {
      arguments = new Arguments(List.of(postfix(primary())), Map.of());
    }
    Expr test = new Expr.Test(target, name, arguments);
    return negated ? new Expr.Not(test) : test;
  }

  private static boolean startsArgument(Token token) {
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !Set.of("else", "or", "and", "if", "is", "not", "in").contains(token.text());
      case OPERATOR -> token.text().equals("[") || token.text().equals("{");
      case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> false;
    };
  }
}
