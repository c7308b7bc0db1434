package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.ArrayList;
import java.util.List;

/** Source to tokens, with {@code trim_blocks} and {@code lstrip_blocks} on. */
final class Lexer {
  /** What a token is. */
  enum Kind {
    DATA,
    VARIABLE_BEGIN,
    VARIABLE_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  /** A token; {@code text} of a string is its value. */
  record Token(Kind kind, String text, int line) {
    boolean is(Kind wanted, String value) {
      return kind == wanted && text.equals(value);
    }

    boolean isOperator(String value) {
      return is(Kind.OPERATOR, value);
    }

    boolean isName(String value) {
      return is(Kind.NAME, value);
    }
  }

  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")",
          "[", "]", "{", "}", ".", ",", ":", "|", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  /** The end of the last tag took a line break along, or nothing has come yet. */
  private boolean lineStarting = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1); // keep_trailing_newline is off
    }
    var lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int open = nextTag(at);
      if (open < 0) {
        data(source.substring(at));
        at = source.length();
        break;
      }
      char kind = source.charAt(open + 1);
      char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
      String text = source.substring(at, open);
      if (sign == '-') {
        text = text.stripTrailing();
      } else if (sign != '+' && kind != '{') {
        text = withoutIndent(text);
      }
      data(text);
      line += lines(at, open);
      at = open + (sign == '-' || sign == '+' ? 3 : 2);
      switch (kind) {
        case '#' -> comment();
        case '{' -> tag(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
        default -> block();
      }
    }
    add(Kind.END, "");
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      char next = i + 1 < source.length() ? source.charAt(i + 1) : ' ';
      if (next == '{' || next == '%' || next == '#') {
        return i;
      }
    }
    return -1;
  }

  /** Takes the indent of a tag that is the first thing on its line. */
  private String withoutIndent(String text) {
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean startsLine = lineStart > 0 || lineStarting;
    return startsLine && text.substring(lineStart).isBlank() ? text.substring(0, lineStart) : text;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private int lines(int from, int to) {
    int n = 0;
    for (int i = from; i < to; i++) {
      if (source.charAt(i) == '\n') {
        n++;
      }
    }
    return n;
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw error("a comment is not closed by #}");
    }
    line += lines(at, end);
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    afterEnd(sign, true);
  }

  /** White space after an end tag: "-" takes all of it, "+" none, a block's own end one break. */
  private void afterEnd(char sign, boolean trim) {
    int from = at;
    if (sign == '-') {
      while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
        at++;
      }
    } else if (trim && sign != '+' && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    line += lines(from, at);
    lineStarting = at > from && source.charAt(at - 1) == '\n';
  }

  private void block() {
    int raw = rawEnd(at, "raw");
    if (raw < 0) {
      tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
      return;
    }
    line += lines(at, raw);
    at = raw;
    afterEnd(source.charAt(raw - 3), true);
    int begin = at;
    for (int open = source.indexOf("{%", at); open >= 0; open = source.indexOf("{%", open + 1)) {
      int inner = open + 2;
      char sign = inner < source.length() ? source.charAt(inner) : ' ';
      int end = rawEnd(sign == '-' || sign == '+' ? inner + 1 : inner, "endraw");
      if (end >= 0) {
        String text = source.substring(begin, open);
        data(sign == '-' ? text.stripTrailing() : sign == '+' ? text : withoutIndent(text));
        line += lines(begin, end);
        at = end;
        afterEnd(source.charAt(end - 3), true);
        return;
      }
    }
    throw error("raw is not closed by endraw");
  }

  /** Where the tag that consists of {@code name} alone ends, or -1. */
  private int rawEnd(int from, String name) {
    int i = skipSpace(from);
    if (!source.startsWith(name, i)) {
      return -1;
    }
    i = skipSpace(i + name.length());
    if (i < source.length() && (source.charAt(i) == '-' || source.charAt(i) == '+')) {
      i++;
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private void tag(Kind begin, Kind end, String close) {
    add(begin, "");
    int nesting = 0;
    while (true) {
      int start = skipSpace(at);
      line += lines(at, start);
      at = start;
      if (at >= source.length()) {
        throw error("a tag is not closed by " + close);
      }
      char c = source.charAt(at);
      boolean signed = (c == '-' || c == '+') && source.startsWith(close, at + 1);
      if (nesting == 0 && (signed || source.startsWith(close, at))) {
        add(end, "");
        at += signed ? 3 : 2;
        // "+}}" is a plus before the end; there is no such modifier for variables.
        afterEnd(signed ? c : ' ', end == Kind.BLOCK_END);
        return;
      }
      nesting += expressionToken(c);
    }
  }

  /** Reads one token; gives how much deeper in brackets it leads. */
  private int expressionToken(char c) {
    if (Character.isDigit(c)) {
      number();
    } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
      int from = at;
      while (at < source.length()
          && (Character.isUnicodeIdentifierPart(source.charAt(at)) || source.charAt(at) == '_')) {
        at++;
      }
      add(Kind.NAME, source.substring(from, at));
    } else if (c == '"' || c == '\'') {
      string(c);
    } else {
      for (String operator : OPERATORS) {
        if (source.startsWith(operator, at)) {
          add(Kind.OPERATOR, operator);
          at += operator.length();
          return "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
        }
      }
      throw error("unexpected character '%c'".formatted(c));
    }
    return 0;
  }

  private void number() {
    int from = at;
    digits();
    boolean isFloat = false;
    if (at + 1 < source.length()
        && source.charAt(at) == '.'
        && Character.isDigit(source.charAt(at + 1))) {
      isFloat = true;
      at++;
      digits();
    }
    if (at < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
      int exponent = at + 1;
      if (exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0) {
        exponent++;
      }
      if (exponent < source.length() && Character.isDigit(source.charAt(exponent))) {
        isFloat = true;
        at = exponent;
        digits();
      }
    }
    add(isFloat ? Kind.FLOAT : Kind.INTEGER, source.substring(from, at).replace("_", ""));
  }

  private void digits() {
    while (at < source.length()
        && (Character.isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
  }

  private void string(char quote) {
    int from = ++at;
    while (at < source.length() && source.charAt(at) != quote) {
      at += source.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= source.length()) {
      throw error("a string is not closed");
    }
    add(Kind.STRING, Escapes.read(source.substring(from, at)));
    line += lines(from, at);
    at++;
  }

  private ChatTemplateException error(String what) {
    return new ChatTemplateException("line %d: %s".formatted(line, what));
  }
}
