package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.engine.RequestTerms;
import dev.krafla.models.ModelInfo.Pooling;
import dev.krafla.wire.EmbeddingList;
import dev.krafla.wire.EmbeddingRequest;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.Prompt;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /v1/embeddings}, for models that are made for it. */
final class EmbeddingRoute implements Route {
  private final ServedModel served;
  private final Engine engine;

  EmbeddingRoute(ServedModel served, Engine engine) {
    this.served = served;
    this.engine = engine;
  }

  @Override
  public void handle(Call call) {
    EmbeddingRequest request = EmbeddingRequest.parse(call.body());
    served.check(request.model());
    if (served.info().embedding() == Pooling.NONE) {
      throw Refused.invalid(
          "model",
          "the model '%s' was not made for embeddings: it does not say how to pool its states; serve an embedding model for them"
              .formatted(served.id()));
    }
    RequestTerms terms = CallTerms.of(call, GenerationOptions.DEFAULTS);
    List<float[]> vectors = new ArrayList<>();
    int promptTokens = 0;
    for (Prompt input : request.inputs()) {
      int[] tokens =
          switch (input) {
            case Prompt.Text(String text) -> served.tokenizer().encode(text, true, false);
            case Prompt.Tokens(int[] ids) -> ids;
          };
      served.checkTokens("input", tokens);
      if (tokens.length == 0) {
        throw Refused.invalid("input", "an input has no tokens; send at least one each");
      }
      promptTokens += tokens.length;
      vectors.add(engine.embed(tokens, terms));
      call.connection().requireClient();
    }
    call.json(new EmbeddingList(served.id(), vectors, promptTokens).toJson(request.base64()));
  }
}
