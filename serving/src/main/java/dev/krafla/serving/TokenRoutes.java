package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.wire.Json;
import dev.krafla.wire.TokenizeRequest;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /tokenize} and {@code POST /detokenize}, which answer with the fields of vLLM's and
 * of llama.cpp's server at once.
 */
final class TokenRoutes {
  private final ServedModel served;
  private final Engine engine;
  private final ChatPlan.Planner planner;

  TokenRoutes(ServedModel served, Engine engine) {
    this.served = served;
    this.engine = engine;
    this.planner = new ChatPlan.Planner(served);
  }

  void tokenize(Call call) {
    TokenizeRequest request = TokenizeRequest.parse(call.body());
    int[] ids =
        request
            .chat()
            .map(planner::tokenize)
            .orElseGet(() ->
                served
                    .tokenizer()
                    .encode(
                        request.text().orElse(""), request.addSpecial(), request.parseSpecial()));
    ObjectNode answer = Json.object();
    answer.put("count", ids.length).put("max_model_len", engine.maxSequenceTokens());
    ArrayNode tokens = answer.putArray("tokens");
    for (int id : ids) {
      tokens.add(id);
    }
    call.json(answer);
  }

  void detokenize(Call call) {
    int[] ids = TokenizeRequest.parseDetokenize(call.body());
    served.checkTokens("tokens", ids);
    String text = served.tokenizer().decode(ids, false);
    ObjectNode answer = Json.object();
    answer.put("prompt", text).put("content", text);
    call.json(answer);
  }
}
