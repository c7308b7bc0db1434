package dev.krafla.models.output;

import java.util.List;

/**
 * Takes a model's answer apart while it streams: plain text, reasoning and tool calls. Half a
 * marker is never shown as text: it waits until it is whole or can no longer become one. What looks
 * like a tool call and is not one (broken JSON, a name that is not a string) comes out as the text
 * it is. One answer each; not thread-safe.
 *
 * <p>Use: get one from {@link OutputFormat#parser} per choice; run the request with {@code
 * showSpecial = true} where {@link OutputFormat#needsSpecialTokens()}; give every piece of text to
 * {@link #add}, and call {@link #finish} once at the end. An answer with a {@link
 * OutputEvent.ToolCallStart} finishes with {@code tool_calls}.
 */
public interface OutputParser {
  /** Events that {@code text} completes; often none. */
  List<OutputEvent> add(String text);

  /** Events of what still waits, as the answer has ended. Nothing may be added after it. */
  List<OutputEvent> finish();
}
