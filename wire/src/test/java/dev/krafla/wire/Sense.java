package dev.krafla.wire;

import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Media;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Part;
import java.util.ArrayList;
import java.util.List;

/** What a request says, in words that no wire changes: turns may be cut and joined differently. */
final class Sense {
  /** What each wire's sample says. */
  static final List<String> EXPECTED =
      List.of(
          "model: m-1",
          "SYSTEM text: Be brief.",
          "USER text: What is this, and how warm is it there?",
          "USER image: image/png iVBORw0KGgo=",
          "ASSISTANT text: Let me look.",
          "ASSISTANT call: call_1 weather {\"city\":\"Reykjavík\"}",
          "USER result: call_1 [text: 4 °C]",
          "USER text: And tomorrow?",
          "tool: weather, Looks up the weather., {\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}",
          "choice: Required[] parallel: false",
          "format: {\"type\":\"object\",\"properties\":{\"degrees\":{\"type\":\"number\"}},\"required\":[\"degrees\"],\"additionalProperties\":false}",
          "reasoning: Effort[level=HIGH]",
          "temperature: 0.5 top_p: 0.9",
          "max: 300",
          "user: u-7");

  private Sense() {}

  static List<String> of(GenerationRequest r) {
    List<String> said = new ArrayList<>();
    said.add("model: " + r.model());
    for (Message m : r.messages()) {
      of(m.parts()).forEach(p -> said.add(m.role() + " " + p));
    }
    for (GenerationTool tool : r.tools().offered()) {
      var f = (GenerationTool.Function) tool;
      said.add("tool: %s, %s, %s".formatted(f.name(), f.description().orElse(""), f.parameters()));
    }
    said.add(
        "choice: %s parallel: %s".formatted(r.tools().choice(), r.tools().parallel().orElse(true)));
    if (r.format() instanceof dev.krafla.wire.generation.AnswerFormat.JsonSchema s) {
      said.add("format: " + s.schema());
    }
    said.add("reasoning: " + r.reasoning().amount());
    said.add(
        "temperature: %s top_p: %s"
            .formatted(
                r.sampling().temperature().orElseThrow(), r.sampling().topP().orElseThrow()));
    said.add("max: " + r.limits().maxTokens().orElseThrow());
    said.add("user: " + r.terms().endUser().orElseThrow());
    return said;
  }

  static List<String> of(List<Part> parts) {
    return parts.stream()
        .filter(p -> !(p instanceof Part.CachePoint))
        .map(p ->
            switch (p) {
              case Part.Text(String t) -> "text: " + t;
              case Part.Thought t -> "thought: " + t.text();
              case Part.Refusal(String t) -> "refusal: " + t;
              case Part.Image(Media.Inline(String type, String data), var _) ->
                  "image: " + type + " " + data;
              case Part.ToolCall c -> "call: %s %s %s".formatted(c.id(), c.name(), c.arguments());
              case Part.ToolResult t -> "result: %s %s".formatted(t.callId(), of(t.content()));
              default -> "other: " + p;
            })
        .toList();
  }
}
