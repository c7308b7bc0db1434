package dev.krafla.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.StreamDecoder;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.StreamWatch;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.Wire;
import dev.krafla.wire.generation.WireError;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wire read into the one vocabulary, and every pair of wires across it. */
class WiresTest {
  private static final Usage USAGE = new Usage(120, 80, 0, 40, 12);

  static Stream<Arguments> wires() {
    return Samples.WIRES.stream().map(Arguments::of);
  }

  static Stream<Arguments> pairs() {
    return Samples.WIRES.stream()
        .flatMap(client -> Samples.WIRES.stream().map(backend -> Arguments.of(client, backend)));
  }

  // ---- requests -------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("pairs")
  void aRequestOfOneWireMeansTheSameOnAnother(Wire client, Wire backend) {
    GenerationRequest asked = client.parseRequest(Samples.json(client, "request"));
    GenerationRequest there = backend.parseRequest(backend.writeRequest(asked).body());
    assertThat(Sense.of(there)).isEqualTo(Sense.of(asked));
    assertThat(Sense.of(asked)).isEqualTo(Sense.EXPECTED);
  }

  @ParameterizedTest
  @MethodSource("wires")
  void aRequestKeepsEverythingOnItsOwnWire(Wire wire) {
    GenerationRequest asked = wire.parseRequest(Samples.json(wire, "request"));
    var written = wire.writeRequest(asked);
    assertThat(wire.parseRequest(written.body())).isEqualTo(asked);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatOnlyTheClientsWireHasIsRefusedByName(Wire client, Wire backend) {
    GenerationRequest asked = client.parseRequest(Samples.json(client, "own"));
    if (client.name().equals(backend.name())) {
      assertThat(backend.parseRequest(backend.writeRequest(asked).body())).isEqualTo(asked);
    } else {
      assertThatThrownBy(() -> backend.writeRequest(asked))
          .isInstanceOf(Unsupported.class)
          .hasMessageContaining(backend.name())
          .satisfies(e -> assertThat(((Unsupported) e).param()).isNotEmpty());
    }
  }

  // ---- whole answers --------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("pairs")
  void aWholeAnswerMeansTheSameOnAnotherWire(Wire client, Wire backend) {
    GenerationRequest asked = client.parseRequest(Samples.json(client, "request"));
    GenerationResult answer = backend.parseResult(Samples.json(backend, "answer"));
    GenerationResult shown = client.parseResult(client.writeResult(answer, asked));
    assertThat(shown.parts()).isEqualTo(answer.parts());
    assertThat(Sense.of(shown.parts()))
        .containsExactly(
            "thought: Weather needs a tool.",
            "text: Let me look.",
            "call: call_1 weather {\"city\":\"Reykjavík\"}");
    assertThat(shown.finish()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(shown.usage()).contains(USAGE);
  }

  @ParameterizedTest
  @MethodSource("wires")
  void theUsageOfAPassingAnswerIsFound(Wire wire) {
    byte[] answer = Json.writeBytes(Samples.json(wire, "answer"));
    assertThat(wire.readUsage(answer)).contains(USAGE);
    assertThat(wire.readUsage("no json".getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aSealedThoughtComesBackToWhoHadIt(Wire client, Wire backend) {
    GenerationRequest asked = client.parseRequest(Samples.json(client, "request"));
    var seal = new Seal(backend.name(), kind(backend), "", proof(backend));
    var answer =
        new GenerationResult(
            "1",
            0,
            "m",
            List.of(new Part.Thought("hm", Optional.of(seal)), new Part.Text("so")),
            FinishReason.STOP,
            Optional.empty(),
            Optional.empty());
    List<Part> shown = client.parseResult(client.writeResult(answer, asked)).parts();
    assertThat(shown.getFirst()).isInstanceOf(Part.Thought.class);
    Seal back = ((Part.Thought) shown.getFirst()).seal().orElseThrow();
    assertThat(back.data()).isEqualTo(seal.data());
    assertThat(back.wire()).isEqualTo(backend.name());
  }

  private static String kind(Wire wire) {
    return switch (wire.name()) {
      case "messages" -> "signature";
      case "responses" -> "encrypted";
      default -> "detail";
    };
  }

  private static String proof(Wire wire) {
    return wire.name().equals("chat")
        ? "{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"c2ln\"}"
        : "c2ln~bmF0dXJl=";
  }

  // ---- streams --------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("pairs")
  void aStreamMeansTheSameOnAnotherWire(Wire client, Wire backend) {
    List<GenerationEvent> events = decode(backend, Samples.stream(backend, "answer"), 1 << 20);
    assertThat(Sense.of(Assembled.of(events).parts()))
        .containsExactly(
            "thought: Weather needs a tool.",
            "text: Let me look.",
            "call: call_1 weather {\"city\":\"Reykjavík\"}");
    Assembled shown = Assembled.of(decode(client, encode(client, events), 1 << 20));
    assertThat(shown.parts()).isEqualTo(Assembled.of(events).parts());
    assertThat(shown.finish()).contains(FinishReason.TOOL_CALLS);
    assertThat(shown.usage()).contains(USAGE);
    assertThat(shown.error()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("wires")
  void aStreamDecodesAlikeWhereverItIsCut(Wire wire) {
    byte[] stream = Samples.stream(wire, "answer");
    List<GenerationEvent> whole = decode(wire, stream, stream.length);
    for (int cut = 1; cut < stream.length; cut++) {
      StreamDecoder decoder = wire.decoder();
      List<GenerationEvent> events = new ArrayList<>();
      decoder.feed(stream, 0, cut, events::add);
      decoder.feed(stream, cut, stream.length - cut, events::add);
      decoder.end(events::add);
      if (!events.equals(whole)) {
        assertThat(events).as("cut at %d", cut).isEqualTo(whole);
      }
    }
    assertThat(decode(wire, stream, 1)).isEqualTo(whole);
  }

  @ParameterizedTest
  @MethodSource("wires")
  void aStreamThatBreaksOffFails(Wire wire) {
    byte[] stream = Samples.stream(wire, "answer");
    for (int length = 0; length < stream.length / 2; length += 7) {
      byte[] begun = Arrays.copyOf(stream, length);
      Assembled answer = Assembled.of(decode(wire, begun, 1 << 20));
      assertThat(answer.error()).as("broken off at %d", length).isPresent();
      assertThat(answer.finish()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void anErrorWithinAStreamIsToldOnAnotherWire(Wire client, Wire backend) {
    List<GenerationEvent> events = decode(backend, Samples.stream(backend, "error"), 1 << 20);
    Assembled answer = Assembled.of(events);
    assertThat(Sense.of(answer.parts())).containsExactly("text: Let me");
    assertThat(answer.error()).map(WireError::message).contains("the model is overloaded");
    Assembled shown = Assembled.of(decode(client, encode(client, events), 1 << 20));
    assertThat(Sense.of(shown.parts())).containsExactly("text: Let me");
    assertThat(shown.error()).map(WireError::message).contains("the model is overloaded");
    assertThat(shown.finish()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("wires")
  void usageAndEndOfAPassingStreamAreSeenWhereverItIsCut(Wire wire) {
    byte[] stream = Samples.stream(wire, "answer");
    for (int size : new int[] {1, 2, 3, 17, 100, stream.length}) {
      StreamWatch watch = wire.watch();
      for (int from = 0; from < stream.length; from += size) {
        assertThat(watch.complete() && from < stream.length / 2).isFalse();
        watch.see(stream, from, Math.min(size, stream.length - from));
      }
      assertThat(watch.usage()).contains(USAGE);
      assertThat(watch.error()).isEmpty();
      assertThat(watch.complete()).isTrue();
    }
    StreamWatch failing = wire.watch();
    byte[] error = Samples.stream(wire, "error");
    failing.see(error, 0, error.length);
    assertThat(failing.error()).map(WireError::message).contains("the model is overloaded");
  }

  @ParameterizedTest
  @MethodSource("wires")
  void heartbeatsMeanNothing(Wire wire) {
    GenerationRequest asked = wire.parseRequest(Samples.json(wire, "request"));
    List<GenerationEvent> events = decode(wire, wire.encoder(asked).heartbeat(), 1 << 20);
    assertThat(events)
        .hasSize(1)
        .first()
        .isInstanceOf(GenerationEvent.Failure.class); // only the end
  }

  // ---- errors ---------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("pairs")
  void anErrorMeansTheSameOnAnotherWire(Wire client, Wire backend) {
    for (WireError.Kind kind : WireError.Kind.values()) {
      var error = new WireError(kind, "it is so");
      WireError there =
          backend.parseError(kind.status(), Json.writeBytes(backend.writeError(error)));
      WireError shown =
          client.parseError(there.kind().status(), Json.writeBytes(client.writeError(there)));
      assertThat(shown.kind()).isEqualTo(kind);
      assertThat(shown.message()).isEqualTo("it is so");
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void anErrorThatIsNoJsonKeepsItsWords(Wire wire) {
    WireError error =
        wire.parseError(502, "<html>Bad Gateway</html>".getBytes(StandardCharsets.UTF_8));
    assertThat(error.kind()).isEqualTo(WireError.Kind.UNAVAILABLE);
    assertThat(error.message()).contains("Bad Gateway");
    assertThat(wire.parseError(500, new byte[0]).message()).contains("500");
  }

  // ---- tools of this test ---------------------------------------------------------------------

  private static List<GenerationEvent> decode(Wire wire, byte[] stream, int piece) {
    StreamDecoder decoder = wire.decoder();
    List<GenerationEvent> events = new ArrayList<>();
    for (int from = 0; from < stream.length; from += piece) {
      decoder.feed(stream, from, Math.min(piece, stream.length - from), events::add);
    }
    decoder.end(events::add);
    return events;
  }

  private static byte[] encode(Wire client, List<GenerationEvent> events) {
    var asked = Samples.json(client, "request");
    if (client.name().equals("chat")) {
      asked.put("stream", true).putObject("stream_options").put("include_usage", true);
    }
    StreamEncoder encoder = client.encoder(client.parseRequest(asked));
    var out = new ByteArrayOutputStream();
    events.forEach(e -> out.writeBytes(encoder.encode(e)));
    out.writeBytes(encoder.end());
    return out.toByteArray();
  }
}
