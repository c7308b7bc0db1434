package dev.krafla.serving.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A request to a replica under way. One thread reads it; any may cancel it. */
final class UpstreamCall implements AutoCloseable {
  private final CompletableFuture<HttpResponse<InputStream>> response;
  private final Consumer<UpstreamCall> whenClosed;
  private volatile long lastHeard = System.nanoTime();
  private volatile Optional<String> givenUp = Optional.empty();
  private final Object lock = new Object();
  private boolean begun; // guarded by lock
  private boolean cancelOnceBegun; // guarded by lock

  UpstreamCall(
      CompletableFuture<HttpResponse<InputStream>> response, Consumer<UpstreamCall> whenClosed) {
    this.response = response;
    this.whenClosed = whenClosed;
  }

  /** Waits for status and headers. */
  HttpResponse<InputStream> answer() throws IOException {
    try {
      HttpResponse<InputStream> answer = response.get();
      lastHeard = System.nanoTime();
      return answer;
    } catch (ExecutionException e) {
      throw failure(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
    } catch (CancellationException e) {
      throw failure(new IOException("cancelled", e));
    } catch (InterruptedException e) {
      cancel();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Reads what is there of the body, as {@link InputStream#read(byte[])}; waits for some. */
  int read(byte[] into) throws IOException {
    int read;
    try {
      read = answer().body().read(into);
    } catch (IOException e) {
      throw failure(e);
    }
    lastHeard = System.nanoTime();
    synchronized (lock) {
      begun = true;
      if (cancelOnceBegun) {
        cancel();
      }
    }
    return read;
  }

  private IOException failure(IOException cause) {
    return givenUp.map(reason -> new IOException(reason, cause)).orElse(cause);
  }

  /** When something last came, by {@link System#nanoTime}. */
  long lastHeard() {
    return lastHeard;
  }

  /** Breaks the request off and its connection with it; who reads gets an error with this. */
  void giveUp(String reason) {
    givenUp = Optional.of(reason);
    cancel();
  }

  /** Breaks the request off and its connection with it. */
  void cancel() {
    response.cancel(true);
    if (response.isDone() && !response.isCompletedExceptionally()) {
      closeBody();
    }
  }

  /**
   * Breaks the request off once something of its body has come: until then the replica may be
   * fetching blocks that another holds for it.
   */
  void cancelOnceBegun() {
    synchronized (lock) {
      if (begun) {
        cancel();
      } else {
        cancelOnceBegun = true;
      }
    }
  }

  private void closeBody() {
    try {
      response.join().body().close();
    } catch (IOException e) {
      // Broken already: there is nothing to give back.
    }
  }

  /** Frees the connection: for the next request where the answer was read to its end. */
  @Override
  public void close() {
    whenClosed.accept(this);
    cancel();
  }
}
