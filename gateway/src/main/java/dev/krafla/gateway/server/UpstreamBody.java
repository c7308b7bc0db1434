package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.provider.Quirks.StreamUsage;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.server.Ask.Span;
import dev.krafla.gateway.server.Ask.StreamOptions;
import dev.krafla.wire.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The body for a provider that speaks the client's wire: the client's own bytes, but for the
 * model's name and the wish for a usage at the stream's end.
 */
final class UpstreamBody {
  private UpstreamBody() {}

  private record Splice(Span at, String text) {}

  static byte[] of(Ask ask, Target target) {
    List<Splice> splices =
        Stream.concat(model(ask, target), usage(ask, target))
            .sorted(Comparator.comparingInt(s -> s.at.from()))
            .toList();
    return splices.isEmpty() ? ask.body() : spliced(ask.body(), splices);
  }

  /** Whether the stream has a usage only because the gateway asks for it. */
  static boolean addsUsage(Ask ask, Target target) {
    return ask.stream()
        && (ask.endpoint() == Endpoint.CHAT || ask.endpoint() == Endpoint.COMPLETIONS)
        && target.provider().kind().quirks().streamUsage() == StreamUsage.ON_REQUEST
        && !ask.wantsUsage();
  }

  private static Stream<Splice> model(Ask ask, Target target) {
    return ask.model().equals(target.model())
        ? Stream.empty()
        : Stream.of(
            new Splice(
                ask.modelAt(), Json.write(JsonNodeFactory.instance.stringNode(target.model()))));
  }

  private static Stream<Splice> usage(Ask ask, Target target) {
    if (!addsUsage(ask, target)) {
      return Stream.empty();
    }
    return switch (ask.streamOptions()) {
      case StreamOptions.Absent _ ->
          insert(brace(ask.body()) + 1, "\"stream_options\":{\"include_usage\":true},");
      case StreamOptions.Silent(int inside, boolean empty) ->
          insert(inside, "\"include_usage\":true" + (empty ? "" : ","));
      case StreamOptions.Unwanted(Span value) -> Stream.of(new Splice(value, "true"));
      case StreamOptions.Wanted _ -> Stream.empty();
    };
  }

  private static Stream<Splice> insert(int at, String text) {
    return Stream.of(new Splice(new Span(at, at), text));
  }

  private static int brace(byte[] body) {
    int at = 0;
    while (body[at] != '{') {
      at++;
    }
    return at;
  }

  private static byte[] spliced(byte[] body, List<Splice> splices) {
    var out = new ByteArrayOutputStream(body.length + 128);
    int from = 0;
    for (Splice splice : splices) {
      out.write(body, from, splice.at.from() - from);
      out.writeBytes(splice.text.getBytes(StandardCharsets.UTF_8));
      from = splice.at.to();
    }
    out.write(body, from, body.length - from);
    return out.toByteArray();
  }
}
