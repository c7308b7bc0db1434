package dev.krafla.serving;

/** Answers one kind of request; runs on the connection's virtual thread. */
interface Route {
  /** Returns once the answer is out. What it throws is answered by {@link ErrorResponse}. */
  void handle(Call call);
}
