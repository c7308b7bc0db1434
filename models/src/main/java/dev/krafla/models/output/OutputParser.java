package dev.krafla.models.output;

import java.util.List;

/**
 * Takes a model's answer apart while it streams: plain text, reasoning and tool calls. Half a
 * marker is never shown as text: it waits until it is whole or can no longer become one. What looks
 * like a tool call and is not one (broken JSON, a name that is not a string, a tool that was not
 * offered, an answer that ends before the arguments begin) comes out as the text it is. The events
 * do not depend on how the text was cut into pieces, but for where a delta ends. One answer each;
 * not thread-safe.
 *
 * <p>A call begins when its name and its arguments' first brace are there, and the arguments stream
 * from then on as they come, control characters in their strings escaped. If they go wrong after
 * that, or the answer ends in them, the call stays what the model wrote and has no {@link
 * OutputEvent.ToolCallEnd}. Nothing is lost but what is markup: markers, the JSON around names and
 * arguments, and white space that touches calls or reasoning with no text on its other side.
 *
 * <p>Use: get one from {@link OutputFormat#parser} per choice; run the request with {@code
 * showSpecial = true} where {@link OutputFormat#needsSpecialTokens}; give every piece of text to
 * {@link #add}, and call {@link #finish} once at the end. An answer with a {@link
 * OutputEvent.ToolCallStart} finishes with {@code tool_calls}.
 */
public interface OutputParser {
  /** A parser to which all is text: for answers that are held to a form. */
  static OutputParser plain() {
    return new PlainParser();
  }

  /** Events that {@code text} completes; often none. */
  List<OutputEvent> add(String text);

  /** Events of what still waits, as the answer has ended. Nothing may be added after it. */
  List<OutputEvent> finish();
}
