package dev.krafla.engine;

import java.util.List;
import java.util.Optional;

/**
 * One token of an answer, or its end.
 *
 * @param choice which of the request's {@code n} answers, from 0
 * @param token the token's id; {@link #NO_TOKEN} on an event that only ends an answer
 * @param text what the client may show now: whole characters, and nothing that could still become a
 *     stop string; may be empty, and may hold text of earlier tokens
 * @param logprob of the token, natural logarithm, before temperature and filters; absent unless
 *     asked for
 * @param finish set on the last event of a choice
 */
public record TokenEvent(
    int choice, int token, String text, Optional<Logprob> logprob, Optional<FinishReason> finish) {
  /** Stands where no token was drawn: an answer that was aborted. */
  public static final int NO_TOKEN = -1;

  /** A token's log probability and the likeliest alternatives, likeliest first. */
  public record Logprob(float value, List<Candidate> top) {
    public Logprob {
      top = List.copyOf(top);
    }
  }

  /** A token that could have been drawn. */
  public record Candidate(int token, float logprob) {}
}
