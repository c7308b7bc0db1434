package dev.krafla.wire;

import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.WireError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An answer put together from its events, as a client would. */
record Assembled(
    List<Part> parts,
    Optional<FinishReason> finish,
    Optional<Usage> usage,
    Optional<WireError> error) {

  static Assembled of(List<GenerationEvent> events) {
    var assembly = new Assembly();
    events.forEach(assembly::add);
    assembly.flush(Optional.empty());
    return new Assembled(
        assembly.parts,
        Optional.ofNullable(assembly.finish),
        Optional.ofNullable(assembly.usage),
        Optional.ofNullable(assembly.error));
  }

  private static final class Assembly {
    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thought = new StringBuilder();
    private GenerationEvent.@Nullable ToolCallBegin call;
    private final StringBuilder arguments = new StringBuilder();
    private @Nullable FinishReason finish;
    private @Nullable Usage usage;
    private @Nullable WireError error;

    void add(GenerationEvent event) {
      switch (event) {
        case GenerationEvent.Begin _ -> {}
        case GenerationEvent.TextDelta(String t) -> {
          endThought(Optional.empty());
          text.append(t);
        }
        case GenerationEvent.RefusalDelta(String t) -> parts.add(new Part.Refusal(t));
        case GenerationEvent.ReasoningDelta(String t) -> thought.append(t);
        case GenerationEvent.ReasoningEnd(Optional<Seal> seal) -> endThought(seal);
        case GenerationEvent.ToolCallBegin begin -> {
          flush(Optional.empty());
          call = begin;
        }
        case GenerationEvent.ToolCallDelta(int index, String a) -> arguments.append(a);
        case GenerationEvent.UsageReport(Usage u) -> usage = u;
        case GenerationEvent.Finish f -> finish = f.reason();
        case GenerationEvent.Failure(WireError e) -> error = e;
      }
    }

    private void endThought(Optional<Seal> seal) {
      if (!thought.isEmpty() || seal.isPresent()) {
        parts.add(new Part.Thought(thought.toString(), seal));
        thought.setLength(0);
      }
    }

    void flush(Optional<Seal> seal) {
      endThought(seal);
      if (!text.isEmpty()) {
        parts.add(new Part.Text(text.toString()));
        text.setLength(0);
      }
      if (call != null) {
        parts.add(new Part.ToolCall(call.id(), call.name(), arguments.toString()));
        call = null;
        arguments.setLength(0);
      }
    }
  }
}
