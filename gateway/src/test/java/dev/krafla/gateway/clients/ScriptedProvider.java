package dev.krafla.gateway.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.ObjectNode;

/**
 * A provider on every wire that does what the request asks of it in words: {@code please fail} gets
 * a rate limit, {@code please break} an error within the stream, a request with tools and without a
 * result a call of the tool {@code weather}, anything else a greeting after a thought. Its answers
 * are written by hand, as the providers' own documents show them.
 */
final class ScriptedProvider implements AutoCloseable {
  private static final List<String> WORDS = List.of("Hello", " from", " the provider.");
  private static final String THOUGHT = "A greeting will do.";
  private static final List<String> ARGUMENTS = List.of("{\"city\":", "\"Reykja", "vík\"}");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  ScriptedProvider() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", e -> answer(e, this::chat));
    server.createContext("/v1/messages", e -> answer(e, this::messages));
    server.createContext("/v1/responses", e -> answer(e, this::responses));
    server.createContext("/v1/completions", e -> answer(e, this::completions));
    server.createContext("/v1/embeddings", e -> answer(e, this::embeddings));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  // ---- what is asked --------------------------------------------------------------------------

  /** What a request wants. */
  private record Asked(boolean stream, boolean fails, boolean breaks, boolean calls) {
    static Asked of(ObjectNode body) {
      String all = Json.write(body);
      boolean result =
          all.contains("\"tool_call_id\"")
              || all.contains("\"tool_result\"")
              || all.contains("\"function_call_output\"");
      return new Asked(
          body.path("stream").asBoolean(false),
          all.contains("please fail"),
          all.contains("please break"),
          !body.path("tools").isEmpty() && !result);
    }
  }

  /** Answers with a body, or with events. */
  private interface Script {
    String write(Asked asked);
  }

  private static void answer(HttpExchange exchange, Script script) throws IOException {
    try (exchange) {
      Asked asked = Asked.of(Json.parseObject(exchange.getRequestBody().readAllBytes()));
      byte[] body = script.write(asked).getBytes(StandardCharsets.UTF_8);
      boolean events = asked.stream && !asked.fails;
      exchange
          .getResponseHeaders()
          .set("Content-Type", events ? "text/event-stream" : "application/json");
      exchange.sendResponseHeaders(asked.fails ? 429 : 200, events ? 0 : body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private static String event(String json) {
    return "data: " + json + "\n\n";
  }

  private static String named(String json) {
    String type = Json.parseObject(json).path("type").asString();
    return "event: " + type + "\n" + event(json);
  }

  private static String quoted(String text) {
    return Json.write(tools.jackson.databind.node.StringNode.valueOf(text));
  }

  // ---- chat -----------------------------------------------------------------------------------

  private static final String OPENAI_LIMIT =
      """
      {"error":{"message":"too many requests; slow down","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}\
      """;

  private static final String CHAT_USAGE =
      """
      {"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}\
      """;

  private String chat(Asked asked) {
    if (asked.fails) {
      return OPENAI_LIMIT;
    }
    if (asked.stream) {
      return chatEvents(asked);
    }
    String message =
        asked.calls
            ? """
            "content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":%s}}]\
            """
                .formatted(quoted(String.join("", ARGUMENTS)))
            : "\"content\":%s,\"reasoning_content\":%s"
                .formatted(quoted(String.join("", WORDS)), quoted(THOUGHT));
    return """
    {"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"m","choices":[{"index":0,\
    "message":{"role":"assistant",%s,"refusal":null},"logprobs":null,"finish_reason":"%s"}],"usage":%s}\
    """
        .formatted(message, asked.calls ? "tool_calls" : "stop", CHAT_USAGE);
  }

  private static String chatEvents(Asked asked) {
    var out = new StringBuilder(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
    if (asked.calls) {
      out.append(
          chunk(
              """
              {"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}\
              """,
              "null"));
      for (String piece : ARGUMENTS) {
        out.append(
            chunk(
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":%s}}]}"
                    .formatted(quoted(piece)),
                "null"));
      }
    } else {
      out.append(chunk("{\"reasoning_content\":%s}".formatted(quoted(THOUGHT)), "null"));
      for (String word : WORDS) {
        out.append(chunk("{\"content\":%s}".formatted(quoted(word)), "null"));
        if (asked.breaks) {
          return out.append(
                  event(
                      "{\"error\":{\"message\":\"the model fell over\",\"type\":\"server_error\",\"param\":null,\"code\":null}}"))
              .toString();
        }
      }
    }
    out.append(chunk("{}", asked.calls ? "\"tool_calls\"" : "\"stop\""));
    out.append(
        event(
            """
            {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"m","choices":[],"usage":%s}\
            """
                .formatted(CHAT_USAGE)));
    return out.append(event("[DONE]")).toString();
  }

  private static String chunk(String delta, String finish) {
    return event(
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"m","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":null}\
        """
            .formatted(delta, finish));
  }

  // ---- messages -------------------------------------------------------------------------------

  private String messages(Asked asked) {
    if (asked.fails) {
      return """
      {"type":"error","error":{"type":"rate_limit_error","message":"too many requests; slow down"}}\
      """;
    }
    if (asked.stream) {
      return messageEvents(asked);
    }
    String content =
        asked.calls
            ? "{\"type\":\"tool_use\",\"id\":\"call_1\",\"name\":\"weather\",\"input\":%s}"
                .formatted(String.join("", ARGUMENTS))
            : "{\"type\":\"thinking\",\"thinking\":%s,\"signature\":\"c2ln\"},{\"type\":\"text\",\"text\":%s}"
                .formatted(quoted(THOUGHT), quoted(String.join("", WORDS)));
    return """
    {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[%s],"stop_reason":"%s",\
    "stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":4,"cache_creation_input_tokens":0,"output_tokens":7}}\
    """
        .formatted(content, asked.calls ? "tool_use" : "end_turn");
  }

  private static String messageEvents(Asked asked) {
    var out = new StringBuilder();
    out.append(
        named(
            """
            {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":4,"cache_creation_input_tokens":0,"output_tokens":1}}}\
            """));
    out.append(named("{\"type\":\"ping\"}"));
    if (asked.calls) {
      out.append(
          start(0, "{\"type\":\"tool_use\",\"id\":\"call_1\",\"name\":\"weather\",\"input\":{}}"));
      for (String piece : ARGUMENTS) {
        out.append(
            delta(
                0, "{\"type\":\"input_json_delta\",\"partial_json\":%s}".formatted(quoted(piece))));
      }
      out.append(stop(0));
    } else {
      out.append(start(0, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"));
      out.append(
          delta(0, "{\"type\":\"thinking_delta\",\"thinking\":%s}".formatted(quoted(THOUGHT))));
      out.append(delta(0, "{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}"));
      out.append(stop(0)).append(start(1, "{\"type\":\"text\",\"text\":\"\"}"));
      for (String word : WORDS) {
        out.append(delta(1, "{\"type\":\"text_delta\",\"text\":%s}".formatted(quoted(word))));
        if (asked.breaks) {
          return out.append(
                  named(
                      "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"the model fell over\"}}"))
              .toString();
        }
      }
      out.append(stop(1));
    }
    out.append(
        named(
            """
            {"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":7}}\
            """
                .formatted(asked.calls ? "tool_use" : "end_turn")));
    return out.append(named("{\"type\":\"message_stop\"}")).toString();
  }

  private static String start(int index, String block) {
    return named(
        "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}"
            .formatted(index, block));
  }

  private static String delta(int index, String delta) {
    return named(
        "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":%s}".formatted(index, delta));
  }

  private static String stop(int index) {
    return named("{\"type\":\"content_block_stop\",\"index\":%d}".formatted(index));
  }

  // ---- responses ------------------------------------------------------------------------------

  private static final String REASONING_ITEM =
      """
      {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"A greeting will do."}]}\
      """;
  private static final String MESSAGE_ITEM =
      """
      {"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello from the provider.","annotations":[],"logprobs":[]}]}\
      """;
  private static final String CALL_ITEM =
      """
      {"id":"fc_1","type":"function_call","status":"%s","call_id":"call_1","name":"weather","arguments":%s}\
      """;

  private String responses(Asked asked) {
    if (asked.fails) {
      return OPENAI_LIMIT;
    }
    String call = CALL_ITEM.formatted("completed", quoted(String.join("", ARGUMENTS)));
    String output = asked.calls ? call : REASONING_ITEM + "," + MESSAGE_ITEM;
    return asked.stream
        ? responseEvents(asked, call, output)
        : response("completed", output, "null");
  }

  private static String response(String status, String output, String error) {
    return """
    {"id":"resp_1","object":"response","created_at":1764000000,"status":"%s","background":false,"error":%s,\
    "incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"m","output":[%s],\
    "parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":true,\
    "temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,\
    "truncation":"disabled","usage":{"input_tokens":11,"input_tokens_details":{"cached_tokens":4},\
    "output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":18},"user":null,"metadata":{}}\
    """
        .formatted(status, error, output);
  }

  private static String responseEvents(Asked asked, String call, String output) {
    var out = new Numbered();
    out.add(
        "{\"type\":\"response.created\",\"response\":%s}"
            .formatted(response("in_progress", "", "null")));
    if (asked.calls) {
      out.add(
          "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":%s}"
              .formatted(CALL_ITEM.formatted("in_progress", "\"\"")));
      for (String piece : ARGUMENTS) {
        out.add(
            "{\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"fc_1\",\"output_index\":0,\"delta\":%s}"
                .formatted(quoted(piece)));
      }
      out.add(
          "{\"type\":\"response.function_call_arguments.done\",\"item_id\":\"fc_1\",\"output_index\":0,\"name\":\"weather\",\"arguments\":%s}"
              .formatted(quoted(String.join("", ARGUMENTS))));
      out.add(
          "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":%s}"
              .formatted(call));
    } else if (!text(out, asked.breaks)) {
      return out.text.toString();
    }
    out.add(
        "{\"type\":\"response.completed\",\"response\":%s}"
            .formatted(response("completed", output, "null")));
    return out.text.toString();
  }

  /** Whether the stream goes on. */
  private static boolean text(Numbered out, boolean breaks) {
    out.add(
        "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}}");
    out.add(
        "{\"type\":\"response.reasoning_summary_part.added\",\"item_id\":\"rs_1\",\"output_index\":0,\"summary_index\":0,\"part\":{\"type\":\"summary_text\",\"text\":\"\"}}");
    out.add(
        "{\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":\"rs_1\",\"output_index\":0,\"summary_index\":0,\"delta\":%s}"
            .formatted(quoted(THOUGHT)));
    out.add(
        "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":%s}"
            .formatted(REASONING_ITEM));
    out.add(
        "{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}");
    out.add(
        "{\"type\":\"response.content_part.added\",\"item_id\":\"msg_1\",\"output_index\":1,\"content_index\":0,\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}}");
    for (String word : WORDS) {
      out.add(
          "{\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"output_index\":1,\"content_index\":0,\"delta\":%s,\"logprobs\":[]}"
              .formatted(quoted(word)));
      if (breaks) {
        out.add(
            "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"the model fell over\",\"param\":null}");
        out.add(
            "{\"type\":\"response.failed\",\"response\":%s}"
                .formatted(
                    response(
                        "failed",
                        "",
                        "{\"code\":\"server_error\",\"message\":\"the model fell over\"}")));
        return false;
      }
    }
    out.add(
        "{\"type\":\"response.output_text.done\",\"item_id\":\"msg_1\",\"output_index\":1,\"content_index\":0,\"text\":%s,\"logprobs\":[]}"
            .formatted(quoted(String.join("", WORDS))));
    out.add(
        "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":%s}"
            .formatted(MESSAGE_ITEM));
    return true;
  }

  /** Events with numbers in sequence. */
  private static final class Numbered {
    private final StringBuilder text = new StringBuilder();
    private int next;

    void add(String json) {
      ObjectNode event = Json.parseObject(json).put("sequence_number", next++);
      text.append(named(Json.write(event)));
    }
  }

  // ---- completions and embeddings -------------------------------------------------------------

  private String completions(Asked asked) {
    if (asked.fails) {
      return OPENAI_LIMIT;
    }
    String form =
        """
        {"id":"cmpl-1","object":"text_completion","created":1764000000,"model":"m","choices":[{"index":0,"text":%s,"logprobs":null,"finish_reason":%s}]%s}\
        """;
    if (!asked.stream) {
      return form.formatted(quoted(String.join("", WORDS)), "\"stop\"", ",\"usage\":" + CHAT_USAGE);
    }
    var out = new StringBuilder();
    for (String word : WORDS) {
      out.append(event(form.formatted(quoted(word), "null", "")));
    }
    out.append(event(form.formatted("\"\"", "\"stop\"", "")));
    out.append(
        event(
            "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"m\",\"choices\":[],\"usage\":%s}"
                .formatted(CHAT_USAGE)));
    return out.append(event("[DONE]")).toString();
  }

  private String embeddings(Asked asked) {
    return asked.fails
        ? OPENAI_LIMIT
        : """
        {"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.25,-0.5]}],"usage":{"prompt_tokens":2,"total_tokens":2}}\
        """;
  }
}
