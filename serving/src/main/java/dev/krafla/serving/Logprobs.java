package dev.krafla.serving;

import dev.krafla.engine.TokenEvent;
import dev.krafla.models.Tokenizer;
import dev.krafla.wire.ChatLogprob;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The engine's log probabilities in the wire's form, with the tokens' text. */
final class Logprobs {
  private final Tokenizer tokenizer;

  Logprobs(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  Optional<ChatLogprob> of(TokenEvent event) {
    return event
        .logprob()
        .map(l ->
            entry(
                event.token(),
                l.value(),
                l.top().stream().map(c -> entry(c.token(), c.logprob(), List.of())).toList()));
  }

  private ChatLogprob entry(int token, float logprob, List<ChatLogprob> top) {
    byte[] bytes = tokenizer.tokenBytes(token, false);
    return new ChatLogprob(new String(bytes, StandardCharsets.UTF_8), bytes, logprob, top);
  }
}
