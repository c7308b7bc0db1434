package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import dev.krafla.models.jinja.Stmt.Target;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One rendering of a template. */
final class Interpreter {
  /** How a statement ended. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget;
  private final Operators operators;
  private final Members members;
  private final Filters filters;
  private StringBuilder out = new StringBuilder();

  Interpreter(Budget budget) {
    this.budget = budget;
    operators = new Operators(budget);
    members = new Members(budget);
    filters = new Filters(budget, operators, members);
  }

  /** The text of {@code body} with the variables {@code globals}. */
  String render(List<Stmt> body, Map<String, Object> globals, Clock clock) {
    Scope scope = Scope.global(globals);
    Globals.all(budget, clock).forEach((name, function) -> setIfAbsent(scope, name, function));
    run(body, scope.inner());
    return out.toString();
  }

  private static void setIfAbsent(Scope scope, String name, Object value) {
    if (scope.get(name) instanceof Values.Undefined) {
      scope.set(name, value);
    }
  }

  private Flow run(List<Stmt> body, Scope scope) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < body.size() && flow == Flow.NEXT; i++) {
      budget.step();
      flow = run(body.get(i), scope);
    }
    budget.leave();
    return flow;
  }

  private Flow run(Stmt statement, Scope scope) {
    switch (statement) {
      case Stmt.Text(String text) -> print(text);
      case Stmt.Print(Expr value, int line) -> print(value, line, scope);
      case Stmt.If branches -> {
        return conditional(branches, scope);
      }
      case Stmt.For loop -> loop(loop, scope);
      case Stmt.Set(Target target, Expr value) -> assign(target, eval(value, scope), scope);
      case Stmt.SetBlock(Target target, List<Expr.Filter> chain, List<Stmt> body) ->
          assign(target, filtered(captured(body, scope.inner()), chain, scope), scope);
      case Stmt.Macro macro ->
          scope.set(macro.name(), macro(macro.parameters(), macro.body(), scope));
      case Stmt.CallBlock(List<Stmt.Parameter> parameters, Expr.Call call, List<Stmt> body) -> {
        Object caller = macro(parameters, body, scope);
        print(PyText.str(call(call, scope, Optional.of(caller)), budget));
      }
      case Stmt.FilterBlock(List<Expr.Filter> chain, List<Stmt> body) ->
          print(PyText.str(filtered(captured(body, scope.inner()), chain, scope), budget));
      case Stmt.With(List<Map.Entry<Target, Expr>> variables, List<Stmt> body) -> {
        Scope inner = scope.inner();
        for (Map.Entry<Target, Expr> variable : variables) {
          assign(variable.getKey(), eval(variable.getValue(), scope), inner);
        }
        return run(body, inner);
      }
      case Stmt.Break _ -> {
        return Flow.BREAK;
      }
      case Stmt.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private void print(Expr value, int line, Scope scope) {
    Object result;
    try {
      result = eval(value, scope);
    } catch (ChatTemplateException e) {
      throw at(line, e);
    }
    print(PyText.str(result, budget));
  }

  /** Names the line, once: the innermost is the useful one. */
  private static ChatTemplateException at(int line, ChatTemplateException e) {
    String message = String.valueOf(e.getMessage());
    return e.raised() || message.startsWith("line ")
        ? e
        : new ChatTemplateException("line %d: %s".formatted(line, message), e);
  }

  private void print(String text) {
    budget.chars(text.length());
    out.append(text);
    Budget.checkLength(out);
  }

  private Flow conditional(Stmt.If branches, Scope scope) {
    for (Map.Entry<Expr, List<Stmt>> branch : branches.branches()) {
      if (Values.isTrue(eval(branch.getKey(), scope))) {
        return run(branch.getValue(), scope);
      }
    }
    return run(branches.otherwise(), scope);
  }

  private void loop(Stmt.For loop, Scope scope) {
    List<Object> items = operators.iterate(eval(loop.items(), scope));
    if (loop.test().isPresent()) {
      List<Object> passing = new ArrayList<>();
      for (Object item : items) {
        Scope inner = scope.inner();
        assign(loop.target(), item, inner);
        if (Values.isTrue(eval(loop.test().get(), inner))) {
          passing.add(item);
        }
      }
      budget.items(passing.size());
      items = passing;
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), scope.inner());
      return;
    }
    var state = new Loop(items, operators);
    for (int i = 0; i < items.size(); i++) {
      budget.step();
      Scope inner = scope.inner();
      state.moveTo(i);
      inner.set("loop", state);
      assign(loop.target(), items.get(i), inner);
      if (run(loop.body(), inner) == Flow.BREAK) {
        return;
      }
    }
  }

  private void assign(Target target, Object value, Scope scope) {
    switch (target) {
      case Target.Variable(String name) -> scope.set(name, value);
      case Target.Member(String name, String attribute) -> {
        if (!(scope.get(name) instanceof Values.Namespace(Map<String, Object> attributes))) {
          throw new ChatTemplateException(
              "cannot assign attribute '%s': '%s' is no namespace".formatted(attribute, name));
        }
        attributes.put(attribute, value);
      }
      case Target.Unpack(List<Target> targets) -> {
        List<Object> items = operators.iterate(Operators.defined(value));
        if (items.size() != targets.size()) {
          throw new ChatTemplateException(
              "cannot unpack %d values into %d names".formatted(items.size(), targets.size()));
        }
        for (int i = 0; i < items.size(); i++) {
          assign(targets.get(i), items.get(i), scope);
        }
      }
    }
  }

  /** What {@code body} prints. */
  private String captured(List<Stmt> body, Scope scope) {
    StringBuilder outer = out;
    out = new StringBuilder();
    try {
      run(body, scope);
      return out.toString();
    } finally {
      out = outer;
    }
  }

  private Object filtered(Object text, List<Expr.Filter> chain, Scope scope) {
    Object value = text;
    for (Expr.Filter filter : chain) {
      value =
          filters.apply(value, filter.name(), arguments(filter.name(), filter.arguments(), scope));
    }
    return value;
  }

  private Values.Callable macro(List<Stmt.Parameter> parameters, List<Stmt> body, Scope scope) {
    return (positional, named) -> {
      Scope inner = scope.inner();
      for (int i = 0; i < parameters.size(); i++) {
        Stmt.Parameter parameter = parameters.get(i);
        Object given = i < positional.size() ? positional.get(i) : named.get(parameter.name());
        if (given == null) {
          given =
              parameter.preset().isPresent()
                  ? eval(parameter.preset().get(), inner)
                  : new Values.Undefined(
                      "parameter '%s' was not provided".formatted(parameter.name()));
        }
        inner.set(parameter.name(), given);
      }
      bindExtras(parameters, positional, named, inner);
      return captured(body, inner);
    };
  }

  private static void bindExtras(
      List<Stmt.Parameter> parameters,
      List<Object> positional,
      Map<String, Object> named,
      Scope scope) {
    int known = Math.min(parameters.size(), positional.size());
    scope.set("varargs", new Values.Tuple(positional.subList(known, positional.size())));
    Map<Object, Object> extra = new LinkedHashMap<>(named);
    parameters.forEach(p -> extra.remove(p.name()));
    Object caller = extra.remove("caller");
    if (caller != null) {
      scope.set("caller", caller);
    }
    scope.set("kwargs", extra);
  }

  private Object eval(Expr expression, Scope scope) {
    budget.step();
    budget.enter();
    Object value = evalNode(expression, scope);
    budget.leave();
    return value;
  }

  private Object evalNode(Expr expression, Scope scope) {
    return switch (expression) {
      case Expr.Literal(Object value) -> value;
      case Expr.Name(String name) -> scope.get(name);
      case Expr.ListOf(List<Expr> items) -> all(items, scope);
      case Expr.TupleOf(List<Expr> items) -> new Values.Tuple(all(items, scope));
      case Expr.DictOf(List<Map.Entry<Expr, Expr>> entries) -> {
        Map<Object, Object> dict = new LinkedHashMap<>();
        entries.forEach(
            e -> dict.put(operators.key(eval(e.getKey(), scope)), eval(e.getValue(), scope)));
        yield dict;
      }
      case Expr.Attribute(Expr target, String name) -> attribute(eval(target, scope), name);
      case Expr.Item(Expr target, Expr index) -> item(eval(target, scope), eval(index, scope));
      case Expr.Slice slice -> slice(slice, scope);
      case Expr.Call call -> call(call, scope, Optional.empty());
      case Expr.Filter(Expr target, String name, Expr.Arguments arguments) ->
          filters.apply(eval(target, scope), name, arguments(name, arguments, scope));
      case Expr.Test(Expr target, String name, Expr.Arguments arguments) ->
          Tests.holds(eval(target, scope), name, arguments(name, arguments, scope), operators);
      case Expr.Not(Expr operand) -> !Values.isTrue(eval(operand, scope));
      case Expr.Negative(Expr operand) -> operators.arithmetic("-", 0L, eval(operand, scope));
      case Expr.Positive(Expr operand) -> operators.arithmetic("+", 0L, eval(operand, scope));
      case Expr.And(Expr left, Expr right) -> {
        Object first = eval(left, scope);
        yield Values.isTrue(first) ? eval(right, scope) : first;
      }
      case Expr.Or(Expr left, Expr right) -> {
        Object first = eval(left, scope);
        yield Values.isTrue(first) ? first : eval(right, scope);
      }
      case Expr.Arithmetic(String operator, Expr left, Expr right) ->
          operators.arithmetic(operator, eval(left, scope), eval(right, scope));
      case Expr.Concat(List<Expr> parts) -> concat(parts, scope);
      case Expr.Compare compare -> compare(compare, scope);
      case Expr.Conditional(Expr test, Expr then, Optional<Expr> otherwise) -> {
        if (Values.isTrue(eval(test, scope))) {
          yield eval(then, scope);
        }
        yield otherwise.isPresent()
            ? eval(otherwise.get(), scope)
            : new Values.Undefined("the condition is false and there is no else");
      }
    };
  }

  private List<Object> all(List<Expr> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expr expression : expressions) {
      values.add(eval(expression, scope));
    }
    return values;
  }

  private Object attribute(Object target, String name) {
    return target instanceof Loop loop ? loop.attribute(name) : members.attribute(target, name);
  }

  private Object item(Object target, Object index) {
    return target instanceof Loop loop && index instanceof String name
        ? loop.attribute(name)
        : members.item(target, index);
  }

  private Object slice(Expr.Slice slice, Scope scope) {
    return operators.slice(
        eval(slice.target(), scope),
        evalOrNone(slice.from(), scope),
        evalOrNone(slice.to(), scope),
        evalOrNone(slice.step(), scope));
  }

  private Object evalOrNone(Optional<Expr> expression, Scope scope) {
    return expression.isPresent() ? eval(expression.get(), scope) : Values.None.NONE;
  }

  private Object call(Expr.Call call, Scope scope, Optional<Object> caller) {
    Object function = Operators.defined(eval(call.function(), scope));
    if (!(function instanceof Values.Callable callable)) {
      throw new ChatTemplateException(
          "'%s' object is not callable".formatted(Values.type(function)));
    }
    Arguments arguments = arguments("call", call.arguments(), scope);
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    caller.ifPresent(c -> named.put("caller", c));
    return callable.call(arguments.positional(), named);
  }

  private Arguments arguments(String what, Expr.Arguments written, Scope scope) {
    Map<String, Object> named = new LinkedHashMap<>();
    written.named().forEach((name, value) -> named.put(name, eval(value, scope)));
    return new Arguments(what, all(written.positional(), scope), named);
  }

  private String concat(List<Expr> parts, Scope scope) {
    var text = new StringBuilder();
    for (Expr part : parts) {
      text.append(PyText.str(eval(part, scope), budget));
      Budget.checkLength(text);
    }
    return text.substring(0, budget.chars(text.length()));
  }

  private boolean compare(Expr.Compare compare, Scope scope) {
    Object left = eval(compare.first(), scope);
    for (Map.Entry<String, Expr> step : compare.rest()) {
      Object right = eval(step.getValue(), scope);
      if (!operators.compare(step.getKey(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }
}
