package dev.krafla.gateway.server;

import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.StreamDecoder;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.Usage;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** Turns the events of a provider's wire into those of the client's. */
final class TranslatedEvents implements EventPipe {
  private final StreamDecoder decoder;
  private final StreamEncoder encoder;
  private final String model;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private Optional<Usage> usage = Optional.empty();
  private Optional<String> failure = Optional.empty();
  private boolean complete;
  private boolean anyContent;
  private long events;

  /**
   * @param model as the client knows it
   */
  TranslatedEvents(StreamDecoder decoder, StreamEncoder encoder, String model) {
    this.decoder = decoder;
    this.encoder = encoder;
    this.model = model;
  }

  @Override
  public void feed(byte[] bytes, int length, Sink to) throws Relay.Garbled {
    decoder.feed(bytes, 0, length, this::take);
    flush(to);
  }

  @Override
  public void end(Sink to) throws Relay.Garbled {
    decoder.end(this::take);
    flush(to);
    byte[] last = encoder.end();
    to.pass(last, 0, last.length);
  }

  private void take(GenerationEvent event) {
    if (failure.isPresent()) {
      return;
    }
    switch (event) {
      case GenerationEvent.Failure(var error) -> {
        failure = Optional.of(error.message());
        return;
      }
      case GenerationEvent.UsageReport(Usage told) -> usage = Optional.of(told);
      case GenerationEvent.Finish _ -> complete = true;
      case GenerationEvent.Begin(String id, _, long created) -> {
        out.writeBytes(encoder.encode(new GenerationEvent.Begin(id, model, created)));
        return;
      }
      case GenerationEvent.TextDelta _,
          GenerationEvent.RefusalDelta _,
          GenerationEvent.ReasoningDelta _,
          GenerationEvent.ReasoningEnd _,
          GenerationEvent.ToolCallBegin _,
          GenerationEvent.ToolCallDelta _ -> {
        events++;
        anyContent = true;
      }
    }
    out.writeBytes(encoder.encode(event));
  }

  /** A beginning alone is held back: until there is more, another provider can take over. */
  private void flush(Sink to) throws Relay.Garbled {
    if (out.size() > 0 && (anyContent || complete)) {
      to.pass(out.toByteArray(), 0, out.size());
      out.reset();
    }
    if (failure.isPresent()) {
      throw new Relay.Garbled("its stream failed: " + failure.get());
    }
  }

  @Override
  public Optional<Usage> usage() {
    return usage;
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public long events() {
    return events;
  }
}
