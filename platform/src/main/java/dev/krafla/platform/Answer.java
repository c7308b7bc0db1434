package dev.krafla.platform;

import dev.krafla.wire.TokenUsage;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A model's answer and what it took.
 *
 * @param text what it said, reasoning left out
 * @param stopped whether the person cut it off
 * @param finish why it ended, as the wire has it ({@code stop}, {@code length} …)
 * @param firstToken from asking to the first piece of text; zero where none came
 * @param total from asking to the end
 * @param pieces how many pieces it came in, which are tokens or a little more each
 * @param usage token counts, where the server tells; it does not of an answer that was stopped
 */
record Answer(
    String text,
    boolean stopped,
    Optional<String> finish,
    Duration firstToken,
    Duration total,
    int pieces,
    Optional<TokenUsage> usage) {

  /** Tokens per second after the first; empty where there are too few to say. */
  Optional<Double> tokensPerSecond() {
    double seconds = total.minus(firstToken).toNanos() / 1e9;
    return tokens() > 1 && seconds > 0 ? Optional.of((tokens() - 1) / seconds) : Optional.empty();
  }

  private int tokens() {
    return usage.map(TokenUsage::completionTokens).orElse(pieces);
  }

  /** One line, for example {@code 87 tokens, 212/s, first after 0.04 s, 31 of 60 prompt cached}. */
  String summary() {
    var line = new StringBuilder();
    line.append(tokens()).append(" tokens, ");
    tokensPerSecond().ifPresent(s -> line.append(Math.round(s)).append(" tokens/s, "));
    line.append(String.format(Locale.ROOT, "first after %.2f s", firstToken.toNanos() / 1e9));
    usage.ifPresent(u ->
        line.append(
            ", %d of %d prompt tokens from the cache"
                .formatted(u.cachedTokens(), u.promptTokens())));
    if (stopped) {
      line.append("; stopped");
    } else if (finish.filter("length"::equals).isPresent()) {
      line.append("; cut at the token limit");
    }
    return line.toString();
  }
}
