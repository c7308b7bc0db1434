package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import dev.krafla.models.jinja.Lexer.Kind;
import dev.krafla.models.jinja.Lexer.Token;
import java.util.List;

/** Tokens with a place to read from. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekAfter() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (at < tokens.size() - 1) {
      at++;
    }
    return token;
  }

  boolean skipOperator(String operator) {
    boolean there = peek().isOperator(operator);
    if (there) {
      next();
    }
    return there;
  }

  boolean skipName(String name) {
    boolean there = peek().isName(name);
    if (there) {
      next();
    }
    return there;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'%s'".formatted(operator));
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected("'%s'".formatted(name));
    }
  }

  Token expect(Kind kind) {
    if (peek().kind() != kind) {
      throw unexpected(kind.name());
    }
    return next();
  }

  ChatTemplateException unexpected(String wanted) {
    Token token = peek();
    String found = token.text().isEmpty() ? token.kind().name() : "'" + token.text() + "'";
    return error("expected %s, found %s".formatted(wanted, found));
  }

  ChatTemplateException error(String what) {
    return new ChatTemplateException("line %d: %s".formatted(peek().line(), what));
  }
}
