package dev.krafla.engine.sample;

import dev.krafla.models.StreamDecoder;
import dev.krafla.models.Tokenizer;
import java.util.List;

/** Text of one answer as its tokens come: whole characters, and nothing of a stop string. */
public final class AnswerText {
  private final StreamDecoder decoder;
  private final StopMatcher stops;

  public AnswerText(Tokenizer tokenizer, boolean showSpecial, List<String> stops) {
    this.decoder = new StreamDecoder(tokenizer, !showSpecial);
    this.stops = new StopMatcher(stops);
  }

  /** Text that may be shown after {@code token}. */
  public String add(int token) {
    return stops.add(decoder.add(token));
  }

  /** Whether a stop string has ended the answer. */
  public boolean stopped() {
    return stops.stopped();
  }

  /** What was held back and may be shown now, as the answer has ended. */
  public String finish() {
    if (stops.stopped()) {
      return "";
    }
    String last = stops.add(decoder.finish());
    return stops.stopped() ? last : last + stops.finish();
  }
}
