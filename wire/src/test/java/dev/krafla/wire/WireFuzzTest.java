package dev.krafla.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import dev.krafla.wire.generation.FailedAnswer;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.StreamDecoder;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.StreamWatch;
import dev.krafla.wire.generation.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged requests, answers and streams: each is read, or refused with a clear error. */
class WireFuzzTest {
  private static final int CASES = 600;
  private static final Duration LIMIT = Duration.ofSeconds(1);

  static Stream<Wire> wires() {
    return Samples.WIRES.stream();
  }

  @ParameterizedTest
  @MethodSource("wires")
  void damagedRequestsAreReadOrRefusedWithTheField(Wire wire) {
    String good = Json.write(Samples.json(wire, "request"));
    Fuzz.check(
        CASES,
        LIMIT,
        random -> {
          GenerationRequest asked;
          try {
            asked = wire.parseRequest(Json.parseObject(DamagedJson.of(good, random)));
          } catch (InvalidBody e) {
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(20_000);
            return false;
          }
          Samples.WIRES.forEach(other -> passOn(asked, other));
          return true;
        });
  }

  private static void passOn(GenerationRequest asked, Wire other) {
    try {
      Json.write(other.writeRequest(asked).body());
    } catch (Unsupported e) {
      assertThat(e.param()).isNotBlank();
    } catch (InvalidBody e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void damagedAnswersAreReadOrRefused(Wire wire) {
    String good = Json.write(Samples.json(wire, "answer"));
    GenerationRequest asked = wire.parseRequest(Samples.json(wire, "request"));
    Fuzz.check(
        CASES,
        LIMIT,
        random -> {
          byte[] bytes = DamagedJson.of(good, random).getBytes(StandardCharsets.UTF_8);
          wire.readUsage(bytes);
          assertThat(wire.parseError(500, bytes).message()).isNotNull();
          try {
            GenerationResult answer = wire.parseResult(Json.parseObject(bytes));
            for (Wire other : Samples.WIRES) {
              show(answer, asked, other);
            }
            return true;
          } catch (InvalidBody | FailedAnswer e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
          }
        });
  }

  private static void show(GenerationResult answer, GenerationRequest asked, Wire other) {
    try {
      Json.write(other.writeResult(answer, asked));
    } catch (InvalidBody e) {
      assertThat(e.getMessage()).contains("no JSON object"); // a call's arguments
    }
  }

  @ParameterizedTest
  @MethodSource("wires")
  void damagedStreamsEndInAFinishOrAFailure(Wire wire) {
    byte[] good = Samples.stream(wire, "answer");
    GenerationRequest asked = wire.parseRequest(Samples.json(wire, "request"));
    Fuzz.check(
        CASES,
        LIMIT,
        random -> {
          byte[] bytes = damaged(good, random);
          StreamDecoder decoder = wire.decoder();
          StreamWatch watch = wire.watch();
          List<GenerationEvent> events = new ArrayList<>();
          for (int from = 0; from < bytes.length; ) {
            int piece = Math.min(bytes.length - from, 1 + random.nextInt(500));
            decoder.feed(bytes, from, piece, events::add);
            watch.see(bytes, from, piece);
            from += piece;
          }
          decoder.end(events::add);
          long ends =
              events.stream()
                  .filter(e ->
                      e instanceof GenerationEvent.Finish || e instanceof GenerationEvent.Failure)
                  .count();
          assertThat(ends).isEqualTo(1);
          for (Wire other : Samples.WIRES) {
            StreamEncoder encoder = other.encoder(asked);
            events.forEach(encoder::encode);
            encoder.end();
          }
          return events.getLast() instanceof GenerationEvent.Finish;
        });
  }

  /** Some in the bytes, some in the JSON of one event. */
  private static byte[] damaged(byte[] good, SplittableRandom random) {
    String text = new String(good, StandardCharsets.UTF_8);
    if (random.nextBoolean()) {
      return Damage.text(text, List.of("data: ", "\n\n", "event: x", "[DONE]", "\r"), random)
          .getBytes(StandardCharsets.UTF_8);
    }
    List<String> events = new ArrayList<>(List.of(text.split("\n\n")));
    int which = random.nextInt(events.size());
    String event = events.get(which);
    int data = event.indexOf("data: {");
    if (data >= 0) {
      String json = DamagedJson.of(event.substring(data + "data: ".length()), random);
      events.set(which, event.substring(0, data) + "data: " + json);
    }
    return (String.join("\n\n", events) + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anEndlessEventIsRefused() {
    var decoder = new SseDecoder(1_000);
    byte[] piece = "data: x".repeat(30).getBytes(StandardCharsets.UTF_8);
    List<String> seen = new ArrayList<>();
    InvalidBody refused = null;
    for (int i = 0; i < 10 && refused == null; i++) {
      try {
        decoder.feed(piece, 0, piece.length, (_, data) -> seen.add(data));
      } catch (InvalidBody e) {
        refused = e;
      }
    }
    assertThat(refused).hasMessageContaining("1,000 bytes");
    assertThat(seen).isEmpty();
  }
}
