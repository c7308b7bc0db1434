package dev.krafla.models.output;

import static dev.krafla.models.output.OutputFormat.DEEPSEEK;
import static dev.krafla.models.output.OutputFormat.HERMES;
import static dev.krafla.models.output.OutputFormat.JSON;
import static dev.krafla.models.output.OutputFormat.LLAMA3;
import static dev.krafla.models.output.OutputFormat.MISTRAL;
import static dev.krafla.models.output.OutputFormat.PLAIN;

import java.util.List;
import java.util.Set;

/** Answers as models write them, and what they say. */
final class Samples {
  static final Set<String> TOOLS = Set.of("get_weather", "get_time", "run", "caf\u00e9");

  private static final String CITY = "{\"city\": \"Rome\"}";

  private Samples() {}

  /**
   * One answer.
   *
   * @param opened whether the prompt opened the reasoning
   * @param expected as {@link Parsed} gives it
   */
  record Sample(
      String name, OutputFormat format, boolean opened, String answer, List<String> expected) {
    OutputParser parser() {
      return format.parser(TOOLS, opened);
    }

    @Override
    public String toString() {
      return format + ": " + name;
    }
  }

  private static Sample of(String name, OutputFormat format, String answer, String... expected) {
    return new Sample(name, format, false, answer, List.of(expected));
  }

  private static Sample opened(
      String name, OutputFormat format, String answer, String... expected) {
    return new Sample(name, format, true, answer, List.of(expected));
  }

  static List<Sample> all() {
    return List.of(
            HERMES_SAMPLES,
            LLAMA3_SAMPLES,
            MISTRAL_SAMPLES,
            DEEPSEEK_SAMPLES,
            JSON_SAMPLES,
            REASONING_SAMPLES)
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static final List<Sample> HERMES_SAMPLES =
      List.of(
          of(
              "one call",
              HERMES,
              "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": " + CITY + "}\n</tool_call>",
              "call get_weather " + CITY),
          of(
              "text before a call",
              HERMES,
              "Let me see.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": "
                  + CITY
                  + "}\n</tool_call>",
              "say Let me see.",
              "call get_weather " + CITY),
          of(
              "text around calls keeps its white space",
              HERMES,
              " First:\n\n<tool_call>{\"name\":\"run\",\"arguments\":{}}</tool_call>\n\nDone. \n",
              "say  First:",
              "call run {}",
              "say \n\n\n\nDone."),
          of(
              "two calls with white space between",
              HERMES,
              "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": "
                  + CITY
                  + "}\n</tool_call>\n<tool_call>\n{\"name\": \"get_time\", \"arguments\": {}}\n"
                  + "</tool_call>\n",
              "call get_weather " + CITY,
              "call get_time {}"),
          of(
              "two calls without anything between",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":1}}</tool_call><tool_call>"
                  + "{\"name\":\"run\",\"arguments\":{\"a\":2}}</tool_call>",
              "call run {\"a\":1}",
              "call run {\"a\":2}"),
          of(
              "two calls in one tag",
              HERMES,
              "<tool_call>\n{\"name\":\"run\",\"arguments\":{\"a\":1}}\n{\"name\":\"run\","
                  + "\"arguments\":{\"a\":2}}\n</tool_call>",
              "call run {\"a\":1}",
              "call run {\"a\":2}"),
          of(
              "an array of calls in one tag",
              HERMES,
              "<tool_call>[{\"name\":\"run\",\"arguments\":{\"a\":1}}, {\"name\":\"run\","
                  + "\"arguments\":{\"a\":2}}]</tool_call>",
              "call run {\"a\":1}",
              "call run {\"a\":2}"),
          of(
              "a closing tag that is missing",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":1}}\n<tool_call>{\"name\":\"run\","
                  + "\"arguments\":{\"a\":2}}",
              "call run {\"a\":1}",
              "call run {\"a\":2}"),
          of(
              "arguments before the name",
              HERMES,
              "<tool_call>{\"arguments\": " + CITY + ", \"name\": \"get_weather\"}</tool_call>",
              "call get_weather " + CITY),
          of(
              "arguments in a string",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":\"{\\\"a\\\": \\\"x\\\\ny\\u00e9\\\"}\"}"
                  + "</tool_call>",
              "call run {\"a\": \"x\\ny\u00e9\"}"),
          of(
              "arguments in a string before the name",
              HERMES,
              "<tool_call>{\"arguments\":\"{\\\"a\\\":[1]}\",\"name\":\"run\"}</tool_call>",
              "call run {\"a\":[1]}"),
          of(
              "arguments that are left out",
              HERMES,
              "<tool_call>{\"name\": \"get_time\"}</tool_call>",
              "call get_time {}"),
          of(
              "arguments that are null",
              HERMES,
              "<tool_call>{\"name\": \"get_time\", \"arguments\": null}</tool_call>",
              "call get_time {}"),
          of(
              "parameters for arguments",
              HERMES,
              "<tool_call>{\"name\": \"run\", \"parameters\": {\"a\": 1}}</tool_call>",
              "call run {\"a\": 1}"),
          of(
              "members of other wires",
              HERMES,
              "<tool_call>{\"id\": \"c1\", \"type\": \"function\", \"function\": {\"name\": \"run\","
                  + " \"arguments\": {\"a\": 1}}, \"more\": [{\"name\": 1}]}</tool_call>",
              "call run {\"a\": 1}"),
          of(
              "a brace too many",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":1}}}\n</tool_call>",
              "call run {\"a\":1}"),
          of(
              "a brace too few",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":1}\n</tool_call>Well.",
              "call run {\"a\":1}",
              "say Well."),
          of(
              "nested braces and tags in strings",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"code\":\"if (x) { y[\\\"}\\\"] }"
                  + " // </tool_call>\",\"n\":{\"m\":[{},[-1.5e3,true,false,null]]}}}</tool_call>",
              "call run {\"code\":\"if (x) { y[\\\"}\\\"] } // </tool_call>\","
                  + "\"n\":{\"m\":[{},[-1.5e3,true,false,null]]}}"),
          of(
              "escapes in the name",
              HERMES,
              "<tool_call>{\"name\": \"caf\\u00e9\", \"arguments\": {}}</tool_call>",
              "call caf\u00e9 {}"),
          of(
              "line breaks in a string are escaped",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"code\":\"a\n\tb\u0001\"}}</tool_call>",
              "call run {\"code\":\"a\\n\\tb\\u0001\"}"),
          of(
              "characters beyond the basic plane",
              HERMES,
              "\ud83d\ude00<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":\"\ud83d\ude00\\ud83d"
                  + "\\ude00\"}}</tool_call>",
              "say \ud83d\ude00",
              "call run {\"a\":\"\ud83d\ude00\\ud83d\\ude00\"}"),
          of(
              "a tool that was not offered is text",
              HERMES,
              "<tool_call>\n{\"name\": \"other\", \"arguments\": {}}\n</tool_call>",
              "say <tool_call>\n{\"name\": \"other\", \"arguments\": {}}\n</tool_call>"),
          of(
              "a call after one that is text",
              HERMES,
              "<tool_call>{\"name\": 3}</tool_call> <tool_call>{\"name\":\"run\",\"arguments\":{}}"
                  + "</tool_call>",
              "say <tool_call>{\"name\": 3}</tool_call>",
              "call run {}"),
          of(
              "a second object that is no call",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{}}, {\"x\":1}</tool_call>",
              "call run {}",
              "say , {\"x\":1}</tool_call>"),
          of(
              "XML in the tag is text",
              HERMES,
              "<tool_call>\n<function=run>\n</function>\n</tool_call>",
              "say <tool_call>\n<function=run>\n</function>\n</tool_call>"),
          of("half a marker is text at the end", HERMES, "1 < 2 <tool_cal", "say 1 < 2 <tool_cal"),
          of(
              "markers that begin again",
              HERMES,
              "<<tool<tool_call>{\"name\":\"run\",\"arguments\":{}}</tool_call><",
              "say <<tool",
              "call run {}",
              "say <"),
          of(
              "cut before the arguments",
              HERMES,
              "<tool_call>\n{\"name\": \"get_weather\", \"argu",
              "say <tool_call>\n{\"name\": \"get_weather\", \"argu"),
          of(
              "cut in the arguments",
              HERMES,
              "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Ro",
              "open get_weather {\"city\": \"Ro"),
          of(
              "cut after the arguments",
              HERMES,
              "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": " + CITY,
              "call get_weather " + CITY),
          of(
              "broken arguments stay the call's up to the tag",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{'a': 1}}</tool_call> So.",
              "open run {'a': 1}}",
              "say So."),
          of(
              "a trailing comma in the arguments",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\": 1,}}</tool_call><tool_call>"
                  + "{\"name\":\"run\",\"arguments\":{}}</tool_call>",
              "open run {\"a\": 1,}}",
              "call run {}"),
          of(
              "arguments that are no object are text",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":[1]}</tool_call>",
              "say <tool_call>{\"name\":\"run\",\"arguments\":[1]}</tool_call>"),
          of(
              "numbers that are none",
              HERMES,
              "<tool_call>{\"name\":\"run\",\"arguments\":{\"a\":01}}</tool_call>",
              "open run {\"a\":01}}"),
          of(
              "forgotten tags",
              HERMES,
              "{\"name\": \"get_weather\", \"arguments\": " + CITY + "}",
              "call get_weather " + CITY),
          of(
              "a fence for tags",
              HERMES,
              "```json\n{\"name\": \"get_weather\", \"arguments\": " + CITY + "}\n```",
              "call get_weather " + CITY),
          of(
              "a fence after text is text",
              HERMES,
              "Like so:\n```json\n{\"name\": \"run\", \"arguments\": {}}\n```",
              "say Like so:\n```json\n{\"name\": \"run\", \"arguments\": {}}\n```"),
          of(
              "JSON after text is text",
              HERMES,
              "This: {\"name\": \"run\", \"arguments\": {}}",
              "say This: {\"name\": \"run\", \"arguments\": {}}"),
          of("nothing but white space", HERMES, " \n ", "say  \n "),
          of(
              "a link is text",
              HERMES,
              "[run](https://example.org) {x}",
              "say [run](https://example.org) {x}"));

  private static final List<Sample> LLAMA3_SAMPLES =
      List.of(
          of(
              "a whole answer",
              LLAMA3,
              "{\"name\": \"get_weather\", \"parameters\": " + CITY + "}",
              "call get_weather " + CITY),
          of(
              "after the tag",
              LLAMA3,
              "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": " + CITY + "}",
              "call get_weather " + CITY),
          of(
              "several with semicolons",
              LLAMA3,
              "<|python_tag|>{\"name\":\"run\",\"parameters\":{\"a\":\";\"}}; {\"name\":\"run\","
                  + "\"parameters\":{}}",
              "call run {\"a\":\";\"}",
              "call run {}"),
          of(
              "several on lines",
              LLAMA3,
              "{\"name\":\"run\",\"parameters\":{\"a\":1}}\n{\"name\":\"run\",\"parameters\":{}}\n",
              "call run {\"a\":1}",
              "call run {}"),
          of(
              "with its type",
              LLAMA3,
              "{\"type\": \"function\", \"name\": \"run\", \"parameters\": {\"a\": 1}}",
              "call run {\"a\": 1}"),
          of(
              "function for name",
              LLAMA3,
              "{\"type\": \"function\", \"function\": \"run\", \"parameters\": {\"a\": 1}}",
              "call run {\"a\": 1}"),
          of(
              "JSON that is no call",
              LLAMA3,
              "{\"name\": \"Ada\", \"age\": 36}",
              "say {\"name\": \"Ada\", \"age\": 36}"),
          of(
              "JSON in text",
              LLAMA3,
              "It is {\"name\": \"run\", \"parameters\": {}}.",
              "say It is {\"name\": \"run\", \"parameters\": {}}."),
          of(
              "text after a call",
              LLAMA3,
              "{\"name\": \"run\", \"parameters\": {}}\n\nI have called it.",
              "call run {}",
              "say I have called it."),
          of(
              "code after the tag is text",
              LLAMA3,
              "<|python_tag|>print(1)",
              "say <|python_tag|>print(1)"),
          of(
              "cut in the arguments",
              LLAMA3,
              "{\"name\": \"run\", \"parameters\": {\"a\": [",
              "open run {\"a\": ["),
          of(
              "broken arguments",
              LLAMA3,
              "{\"name\": \"run\", \"parameters\": {\"a\": x}}",
              "open run {\"a\": x}}"));

  private static final List<Sample> MISTRAL_SAMPLES =
      List.of(
          of(
              "an array of calls",
              MISTRAL,
              "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": "
                  + CITY
                  + ", \"id\": \"abcdefghi\"}, {\"name\": \"get_time\", \"arguments\": {}}]",
              "call get_weather " + CITY,
              "call get_time {}"),
          of(
              "white space after the marker",
              MISTRAL,
              "Let me see. [TOOL_CALLS] [{\"name\":\"run\",\"arguments\":{\"a\":[\"]\"]}}]",
              "say Let me see.",
              "call run {\"a\":[\"]\"]}"),
          of(
              "one object",
              MISTRAL,
              "[TOOL_CALLS]{\"name\":\"run\",\"arguments\":{}}",
              "call run {}"),
          of(
              "the newer form",
              MISTRAL,
              "[TOOL_CALLS]get_weather[ARGS]" + CITY,
              "call get_weather " + CITY),
          of(
              "the newer form twice",
              MISTRAL,
              "[TOOL_CALLS]get_weather[ARGS]" + CITY + "[TOOL_CALLS]get_time[ARGS]{}",
              "call get_weather " + CITY,
              "call get_time {}"),
          of(
              "the newer form with an id",
              MISTRAL,
              "Well. [TOOL_CALLS]get_weather[CALL_ID]a1B2c3D4e[ARGS]" + CITY,
              "say Well.",
              "call get_weather " + CITY),
          of(
              "the newer form without its marker",
              MISTRAL,
              "[TOOL_CALLS]run{\"a\": 1}",
              "call run {\"a\": 1}"),
          of(
              "a tool that was not offered",
              MISTRAL,
              "[TOOL_CALLS]other[ARGS]{\"a\": 1}",
              "say [TOOL_CALLS]other[ARGS]{\"a\": 1}"),
          of(
              "broken arguments end at the next call",
              MISTRAL,
              "[TOOL_CALLS]run[ARGS]{\"a\": }[TOOL_CALLS]run[ARGS]{}",
              "open run {\"a\": }",
              "call run {}"),
          of("half a marker", MISTRAL, "[TOOL_CALLS]run[ARGS", "say [TOOL_CALLS]run[ARGS"),
          of(
              "the marker of the next call begins",
              MISTRAL,
              "[TOOL_CALLS]run[ARGS]{x[TOOL",
              "open run {x[TOOL"),
          of(
              "text after calls",
              MISTRAL,
              "[TOOL_CALLS]run[ARGS]{} and [TOOLS",
              "call run {}",
              "say and [TOOLS"),
          of(
              "a forgotten marker",
              MISTRAL,
              "[{\"name\": \"run\", \"arguments\": {\"a\": 1}}]",
              "call run {\"a\": 1}"),
          of("brackets are text", MISTRAL, "[1] [T] [TOOL_CALLS", "say [1] [T] [TOOL_CALLS"));

  private static final String V3 =
      "<｜tool▁call▁begin｜>function<｜tool▁sep｜>%s\n```json\n%s\n```<｜tool▁call▁end｜>";
  private static final String V31 = "<｜tool▁call▁begin｜>%s<｜tool▁sep｜>%s<｜tool▁call▁end｜>";

  private static final List<Sample> DEEPSEEK_SAMPLES =
      List.of(
          of(
              "V3 and R1",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜>" + V3.formatted("get_weather", CITY) + "<｜tool▁calls▁end｜>",
              "call get_weather " + CITY),
          of(
              "V3 with text and two calls",
              DEEPSEEK,
              "I look.\n\n<｜tool▁calls▁begin｜>"
                  + V3.formatted("get_weather", CITY)
                  + "\n"
                  + V3.formatted("get_time", "{}")
                  + "<｜tool▁calls▁end｜>",
              "say I look.",
              "call get_weather " + CITY,
              "call get_time {}"),
          of(
              "V3.1",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜>" + V31.formatted("get_weather", CITY) + "<｜tool▁calls▁end｜>",
              "call get_weather " + CITY),
          of(
              "V3.1 with two calls",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜>"
                  + V31.formatted("get_weather", CITY)
                  + V31.formatted("get_time", "{}")
                  + "<｜tool▁calls▁end｜>Done",
              "call get_weather " + CITY,
              "call get_time {}",
              "say Done"),
          of(
              "without the outer markers",
              DEEPSEEK,
              V31.formatted("run", "{\"a\": \"```\"}"),
              "call run {\"a\": \"```\"}"),
          of(
              "another spelling",
              DEEPSEEK,
              "<｜tool_calls_begin｜>" + V3.formatted("run", "{}") + "<｜tool▁calls▁end｜>",
              "call run {}"),
          of(
              "without the inner end",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>run<｜tool▁sep｜>{}<｜tool▁calls▁end｜>",
              "call run {}"),
          of(
              "a tool that was not offered",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜>" + V31.formatted("other", "{}") + "<｜tool▁calls▁end｜>",
              "say <｜tool▁calls▁begin｜>" + V31.formatted("other", "{}") + "<｜tool▁calls▁end｜>"),
          of(
              "broken arguments end at the call's end",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜>"
                  + V31.formatted("run", "{a}")
                  + V31.formatted("run", "{}")
                  + "<｜tool▁calls▁end｜>",
              "open run {a}",
              "call run {}"),
          of(
              "no call at all",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜><｜tool▁calls▁end｜>",
              "say <｜tool▁calls▁begin｜><｜tool▁calls▁end｜>"),
          of(
              "cut in the name",
              DEEPSEEK,
              "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_w",
              "say <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_w"),
          of(
              "after reasoning",
              DEEPSEEK,
              "<think>\nI need it.\n</think>\n\n<｜tool▁calls▁begin｜>"
                  + V3.formatted("get_weather", CITY)
                  + "<｜tool▁calls▁end｜>",
              "think I need it.",
              "call get_weather " + CITY));

  private static final List<Sample> JSON_SAMPLES =
      List.of(
          of(
              "a whole answer",
              JSON,
              "{\"name\": \"get_weather\", \"arguments\": " + CITY + "}",
              "call get_weather " + CITY),
          of(
              "a fence",
              JSON,
              "```json\n{\"name\": \"get_weather\", \"parameters\": " + CITY + "}\n```",
              "call get_weather " + CITY),
          of(
              "a fence of its own",
              JSON,
              "```tool_call\n{\"name\": \"get_weather\", \"arguments\": " + CITY + "}\n```\n",
              "call get_weather " + CITY),
          of(
              "a fence after text",
              JSON,
              "Sure:\n```\n{\n  \"name\": \"run\",\n  \"arguments\": {\n    \"a\": \"```\"\n  }\n}\n"
                  + "```\nWait.",
              "say Sure:",
              "call run {\n    \"a\": \"```\"\n  }",
              "say \n\nWait."),
          of(
              "two in an array",
              JSON,
              "```json\n[\n{\"name\":\"run\",\"arguments\":{}},\n{\"name\":\"get_time\",\"arguments\":"
                  + "{}}\n]\n```",
              "call run {}",
              "call get_time {}"),
          of(
              "two in two fences",
              JSON,
              "```json\n{\"name\":\"run\",\"arguments\":{}}\n```\n```json\n{\"name\":\"get_time\","
                  + "\"arguments\":{}}\n```",
              "call run {}",
              "call get_time {}"),
          of(
              "other JSON is text",
              JSON,
              "```json\n{\"city\": \"Rome\"}\n```",
              "say ```json\n{\"city\": \"Rome\"}\n```"),
          of("code is text", JSON, "```python\nprint({})\n```", "say ```python\nprint({})\n```"),
          of(
              "tool code is text",
              JSON,
              "```tool_code\nrun(a=1)\n```",
              "say ```tool_code\nrun(a=1)\n```"),
          of("an array of numbers is text", JSON, "[1, 2]", "say [1, 2]"));

  private static final List<Sample> REASONING_SAMPLES =
      List.of(
          of(
              "opened by the model",
              PLAIN,
              "<think>\nHm.\n\nYes.\n</think>\n\nYes.\n",
              "think Hm.\n\nYes.",
              "say Yes.\n"),
          opened("opened by the prompt", PLAIN, "Hm. </think> Yes.", "think Hm.", "say Yes."),
          opened("opened by both", PLAIN, "\n<think>\nHm.</think>Yes.", "think Hm.", "say Yes."),
          opened("never closed", PLAIN, "Hm </thin", "think Hm </thin"),
          of("empty", PLAIN, "<think>\n\n</think>\n\nYes.", "say Yes."),
          of("nothing after it", PLAIN, "<think>Hm.</think>\n", "think Hm."),
          of(
              "elsewhere it is text",
              PLAIN,
              "The tag <think> opens</think> it.",
              "say The tag <think> opens</think> it."),
          of(
              "once only",
              PLAIN,
              "<think>a</think><think>b</think>",
              "think a",
              "say <think>b</think>"),
          of("half a marker", PLAIN, " <thin", "say  <thin"),
          of("another tag", PLAIN, "<thinking>x</thinking>", "say <thinking>x</thinking>"),
          opened(
              "a tag that begins alike",
              PLAIN,
              "<thick> is a word</think>ok",
              "think <thick> is a word",
              "say ok"),
          of(
              "before a call",
              HERMES,
              "<think>\nI <tool_call>call</tool_call> it.\n</think>\n\n<tool_call>\n{\"name\":"
                  + " \"run\", \"arguments\": {}}\n</tool_call>",
              "think I <tool_call>call</tool_call> it.",
              "call run {}"),
          opened(
              "before bare JSON",
              LLAMA3,
              "Hm.</think>\n{\"name\": \"run\", \"parameters\": {}}",
              "think Hm.",
              "call run {}"),
          of("Mistral's", MISTRAL, "[THINK]Hm.[/THINK]Yes.", "think Hm.", "say Yes."),
          of(
              "Mistral's before a call",
              MISTRAL,
              "[THINK]Hm.[/THINK][TOOL_CALLS]run[ARGS]{}",
              "think Hm.",
              "call run {}"));
}
