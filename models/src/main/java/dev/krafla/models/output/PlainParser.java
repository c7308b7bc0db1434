package dev.krafla.models.output;

import java.util.List;

/** All is text. */
final class PlainParser implements OutputParser {
  @Override
  public List<OutputEvent> add(String text) {
    return text.isEmpty() ? List.of() : List.of(new OutputEvent.Text(text));
  }

  @Override
  public List<OutputEvent> finish() {
    return List.of();
  }
}
