package dev.krafla.models.jinja;

import dev.krafla.models.jinja.Lexer.Kind;
import dev.krafla.models.jinja.Lexer.Token;
import dev.krafla.models.jinja.Stmt.Parameter;
import dev.krafla.models.jinja.Stmt.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a whole template. */
final class StmtParser {
  private static final int MAX_DEPTH = 60;

  private final TokenStream tokens;
  private final ExprParser expressions;
  private int depth;

  private StmtParser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    expressions = new ExprParser(this.tokens);
  }

  static List<Stmt> parse(String template) {
    var parser = new StmtParser(Lexer.tokens(template));
    List<Stmt> body = parser.body(Set.of());
    if (parser.tokens.peek().kind() != Kind.END) {
      throw parser.tokens.unexpected("the end");
    }
    return body;
  }

  /** Statements up to a block with one of the names {@code ends}; that name is next. */
  private List<Stmt> body(Set<String> ends) {
    if (++depth > MAX_DEPTH) {
      throw tokens.error("blocks are nested more than %d deep".formatted(MAX_DEPTH));
    }
    List<Stmt> body = new ArrayList<>();
    while (tokens.peek().kind() != Kind.END) {
      Token token = tokens.next();
      switch (token.kind()) {
        case DATA -> body.add(new Stmt.Text(token.text()));
        case VARIABLE_BEGIN -> {
          body.add(new Stmt.Print(expressions.tuple(), token.line()));
          tokens.expect(Kind.VARIABLE_END);
        }
        default -> {
          if (ends.contains(tokens.peek().text())) {
            depth--;
            return body;
          }
          statement(body);
        }
      }
    }
    if (!ends.isEmpty()) {
      throw tokens.error("the template ends where one of %s was expected".formatted(ends));
    }
    depth--;
    return body;
  }

  private void statement(List<Stmt> body) {
    String name = tokens.expect(Kind.NAME).text();
    switch (name) {
      case "if" -> body.add(conditional());
      case "for" -> body.add(loop());
      case "set" -> body.add(set());
      case "macro" -> body.add(macro());
      case "call" -> body.add(callBlock());
      case "filter" -> body.add(filterBlock());
      case "with" -> body.add(with());
      case "break" -> body.add(new Stmt.Break());
      case "continue" -> body.add(new Stmt.Continue());
      // Marks what the model itself wrote, for training; rendering is not changed by it.
      case "generation" -> {
        endBlock();
        body.addAll(body(Set.of("endgeneration")));
        tokens.next();
      }
      default -> throw tokens.error("unknown statement '%s'".formatted(name));
    }
    endBlock();
  }

  private void endBlock() {
    tokens.expect(Kind.BLOCK_END);
  }

  /** A body after the end of this tag, with the name that ends it taken. */
  private List<Stmt> bodyUntil(String end) {
    endBlock();
    List<Stmt> body = body(Set.of(end));
    tokens.next();
    return body;
  }

  private Stmt conditional() {
    List<Map.Entry<Expr, List<Stmt>>> branches = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    while (true) {
      Expr test = expressions.tuple();
      endBlock();
      branches.add(Map.entry(test, body(Set.of("elif", "else", "endif"))));
      String next = tokens.next().text();
      if (next.equals("else")) {
        otherwise = bodyUntil("endif");
      }
      if (!next.equals("elif")) {
        return new Stmt.If(branches, otherwise);
      }
    }
  }

  private Stmt loop() {
    Target target = target(false);
    tokens.expectName("in");
    Expr items = expressions.withoutConditional();
    Optional<Expr> test =
        tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
    if (tokens.peek().isName("recursive")) {
      throw tokens.error("recursive loops are not supported");
    }
    endBlock();
    List<Stmt> body = body(Set.of("else", "endfor"));
    List<Stmt> otherwise = tokens.next().text().equals("else") ? bodyUntil("endfor") : List.of();
    return new Stmt.For(target, items, test, body, otherwise);
  }

  private Stmt set() {
    Target target = target(true);
    if (tokens.skipOperator("=")) {
      return new Stmt.Set(target, expressions.tuple());
    }
    List<Expr.Filter> filters = new ArrayList<>();
    while (tokens.skipOperator("|")) {
      filters.add(expressions.filter(new Expr.Name("")));
    }
    return new Stmt.SetBlock(target, filters, bodyUntil("endset"));
  }

  private Target target(boolean members) {
    List<Target> targets = new ArrayList<>();
    boolean comma;
    do {
      targets.add(oneTarget(members));
      comma = tokens.skipOperator(",");
    } while (comma && (tokens.peek().kind() == Kind.NAME || tokens.peek().isOperator("(")));
    return targets.size() == 1 && !comma ? targets.getFirst() : new Target.Unpack(targets);
  }

  private Target oneTarget(boolean members) {
    if (tokens.skipOperator("(")) {
      if (++depth > MAX_DEPTH) {
        throw tokens.error("names to set are nested more than %d deep".formatted(MAX_DEPTH));
      }
      Target inner = target(members);
      tokens.expectOperator(")");
      depth--;
      return inner instanceof Target.Unpack ? inner : new Target.Unpack(List.of(inner));
    }
    String name = tokens.expect(Kind.NAME).text();
    return members && tokens.skipOperator(".")
        ? new Target.Member(name, tokens.expect(Kind.NAME).text())
        : new Target.Variable(name);
  }

  private Stmt macro() {
    String name = tokens.expect(Kind.NAME).text();
    List<Parameter> parameters = parameters();
    return new Stmt.Macro(name, parameters, bodyUntil("endmacro"));
  }

  private List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.peek().isOperator(")")) {
      String name = tokens.expect(Kind.NAME).text();
      Optional<Expr> preset =
          tokens.skipOperator("=") ? Optional.of(expressions.expression()) : Optional.empty();
      parameters.add(new Parameter(name, preset));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    tokens.expectOperator(")");
    return parameters;
  }

  private Stmt callBlock() {
    List<Parameter> parameters = tokens.peek().isOperator("(") ? parameters() : List.of();
    if (!(expressions.expression() instanceof Expr.Call call)) {
      throw tokens.error("a call block needs a call");
    }
    return new Stmt.CallBlock(parameters, call, bodyUntil("endcall"));
  }

  private Stmt filterBlock() {
    List<Expr.Filter> filters = new ArrayList<>();
    do {
      filters.add(expressions.filter(new Expr.Name("")));
    } while (tokens.skipOperator("|"));
    return new Stmt.FilterBlock(filters, bodyUntil("endfilter"));
  }

  private Stmt with() {
    List<Map.Entry<Target, Expr>> variables = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      Target target = oneTarget(false);
      tokens.expectOperator("=");
      variables.add(Map.entry(target, expressions.expression()));
      if (!tokens.skipOperator(",")) {
        break;
      }
    }
    return new Stmt.With(variables, bodyUntil("endwith"));
  }
}
