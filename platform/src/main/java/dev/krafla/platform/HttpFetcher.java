package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches a file over HTTP, going on where an earlier attempt, of this process or another, was cut
 * off. The part lies beside a small {@code .from} file that names its source and version ({@code
 * ETag}), so that bytes of two versions are never joined.
 */
final class HttpFetcher {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int MAX_REDIRECTS = 10;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");
  private static final Pattern SHA256 = Pattern.compile("\"?([0-9a-f]{64})\"?");

  private final Map<String, String> environment;
  private final Retry retry;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(15))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * How patient a fetch is.
   *
   * @param attempts failures in a row, none of which brought a byte, before giving up
   * @param connects of these, at most so many without a connection: no network is soon told
   * @param pause before the first retry; doubles with each
   * @param stall longest wait for a byte
   */
  record Retry(int attempts, int connects, Duration pause, Duration stall) {
    static final Retry USUAL = new Retry(5, 2, Duration.ofSeconds(1), Duration.ofSeconds(60));
  }

  HttpFetcher(Map<String, String> environment, Retry retry) {
    this.environment = Map.copyOf(environment);
    this.retry = retry;
  }

  /**
   * Fetches {@code source} to {@code part}.
   *
   * @throws FetchException when it cannot be had; what has arrived stays for the next time
   */
  Fetched fetch(ModelSource.Http source, Path part, Progress progress)
      throws IOException, InterruptedException {
    URI address = source.address(environment);
    Duration pause = retry.pause();
    int failures = 0;
    while (true) {
      long before = size(part);
      try {
        Optional<String> digest = attempt(source, address, part, progress);
        Files.deleteIfExists(origin(part));
        return new Fetched(part, source.fileName(), digest);
      } catch (FetchException e) {
        throw e;
      } catch (IOException e) {
        boolean moved = size(part) > before;
        failures = moved ? 1 : failures + 1;
        if (failures >= (e instanceof ConnectException ? retry.connects() : retry.attempts())) {
          throw new FetchException(
              "%s: %s; tried %d times".formatted(address, reason(e), failures), e);
        }
        pause = moved ? retry.pause() : pause.multipliedBy(2);
        progress.note(
            "%s; trying again in %d s".formatted(reason(e), Math.max(1, pause.toSeconds())));
        Thread.sleep(pause);
      }
    }
  }

  private Optional<String> attempt(
      ModelSource.Http source, URI address, Path part, Progress progress)
      throws IOException, InterruptedException {
    Origin origin = readOrigin(part);
    if (!origin.reference().equals(source.reference()) || origin.version().isEmpty()) {
      Files.deleteIfExists(part);
    }
    long have = size(part);
    Optional<String> version = have > 0 ? origin.version() : Optional.empty();
    Answer answer = get(address, have, version);
    try (InputStream body = answer.response().body()) {
      HttpHeaders headers = answer.response().headers();
      long start;
      OptionalLong total;
      switch (answer.response().statusCode()) {
        case 200 -> {
          start = 0;
          total = headers.firstValueAsLong("content-length");
        }
        case 206 -> {
          Matcher range = range(headers);
          start = Long.parseLong(range.group(1));
          total =
              range.group(3).equals("*")
                  ? OptionalLong.empty()
                  : OptionalLong.of(Long.parseLong(range.group(3)));
          if (start != have) {
            throw new FetchException(
                "%s sent bytes from %d on where %d was asked for".formatted(address, start, have));
          }
        }
        case 416 -> {
          if (headers.firstValue("content-range").orElse("").equals("bytes */" + have)) {
            return answer.digest(); // all of it had arrived before
          }
          Files.deleteIfExists(part);
          throw new IOException("the server has no bytes after " + have + "; starting afresh");
        }
        default -> throw refused(source, address, answer.response());
      }
      writeOrigin(part, new Origin(source.reference(), version(headers)));
      DiskSpace.require(part, total.orElse(start) - start);
      copy(body, part, start, total, source.fileName(), progress);
      return answer.digest();
    }
  }

  private static Matcher range(HttpHeaders headers) throws FetchException {
    String value = headers.firstValue("content-range").orElse("");
    Matcher range = CONTENT_RANGE.matcher(value);
    if (!range.matches()) {
      throw new FetchException("the server sent a part without saying which: '" + value + "'");
    }
    return range;
  }

  private void copy(
      InputStream body, Path part, long start, OptionalLong total, String name, Progress progress)
      throws IOException {
    long done = start;
    var moving = new AtomicLong(start);
    Thread watch = watch(body, moving);
    progress.begin(name, start, total.orElse(-1));
    try (OutputStream out =
        start == 0
            ? Files.newOutputStream(part)
            : Files.newOutputStream(part, StandardOpenOption.APPEND)) {
      var buffer = new byte[BUFFER_BYTES];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        out.write(buffer, 0, n);
        done += n;
        moving.set(done);
        if (total.isPresent() && done > total.getAsLong()) {
          throw new FetchException(
              "the server sent more than the %d bytes it had announced"
                  .formatted(total.getAsLong()));
        }
        progress.at(done);
      }
    } finally {
      watch.interrupt();
      progress.end();
    }
    if (total.isPresent() && done != total.getAsLong()) {
      throw new IOException(
          "the connection ended after %s of %s"
              .formatted(ByteSize.text(done), ByteSize.text(total.getAsLong())));
    }
  }

  /** Closes {@code body} once no byte has come for the stall time: a read has no timeout. */
  private Thread watch(InputStream body, AtomicLong moving) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            long last;
            do {
              last = moving.get();
              Thread.sleep(retry.stall());
            } while (moving.get() != last);
            body.close();
          } catch (InterruptedException | IOException over) {
            // The copy has ended, or the stream is closed already: nothing is left to watch.
          }
        });
  }

  /** What came at the end of the redirects, and the digest that a hub announced on the way. */
  private record Answer(HttpResponse<InputStream> response, Optional<String> digest) {}

  private Answer get(URI address, long have, Optional<String> version)
      throws IOException, InterruptedException {
    Optional<String> digest = Optional.empty();
    URI at = address;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at).timeout(retry.stall()).header("User-Agent", "krafla");
      if (version.isPresent()) {
        request.header("Range", "bytes=" + have + "-").header("If-Range", version.get());
      }
      // The token goes to the hub alone, never to where it redirects.
      if (at.getHost().equals(address.getHost())) {
        token(at).ifPresent(token -> request.header("Authorization", "Bearer " + token));
      }
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (digest.isEmpty()) {
        digest = response.headers().firstValue("x-linked-etag").flatMap(HttpFetcher::sha256);
      }
      if (!isRedirect(response.statusCode())) {
        return new Answer(response, digest);
      }
      response.body().close();
      String to = response.headers().firstValue("location").orElse("");
      URI next = to.isEmpty() ? at : at.resolve(to);
      if (to.isEmpty() || next.getHost() == null) {
        throw new FetchException("%s redirects nowhere".formatted(at));
      }
      if ("https".equals(at.getScheme()) && !"https".equals(next.getScheme())) {
        throw new FetchException("%s redirects to %s, which is not encrypted".formatted(at, next));
      }
      at = next;
    }
    throw new FetchException("%s redirects more than %d times".formatted(address, MAX_REDIRECTS));
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private Optional<String> token(URI at) {
    String host = at.getHost().toLowerCase(Locale.ROOT);
    String hub = environment.getOrDefault("HF_ENDPOINT", "https://huggingface.co");
    return host.equals(URI.create(hub).getHost())
        ? Optional.ofNullable(environment.get("HF_TOKEN")).filter(token -> !token.isBlank())
        : Optional.empty();
  }

  private static Optional<String> sha256(String etag) {
    Matcher form = SHA256.matcher(etag);
    return form.matches() ? Optional.of(form.group(1)) : Optional.empty();
  }

  private static IOException refused(
      ModelSource.Http source, URI address, HttpResponse<InputStream> response) {
    int status = response.statusCode();
    return switch (status) {
      case 401, 403 ->
          new FetchException(
              "%s answers %d: the file needs permission; accept the model's terms on its page and"
                      .formatted(address, status)
                  + " set HF_TOKEN to your access token");
      case 404 ->
          new FetchException("%s does not exist (%s)".formatted(address, source.reference()));
      case 408, 429, 500, 502, 503, 504 ->
          new IOException("%s answers %d".formatted(address.getHost(), status));
      default -> new FetchException("%s answers %d".formatted(address, status));
    };
  }

  private static String reason(IOException e) {
    if (e instanceof ConnectException) {
      return "no connection";
    }
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /** What If-Range accepts: a strong entity tag, else the date of the last change. */
  private static Optional<String> version(HttpHeaders headers) {
    return headers
        .firstValue("etag")
        .filter(etag -> etag.startsWith("\""))
        .or(() -> headers.firstValue("last-modified"));
  }

  /**
   * Which bytes a part holds: the reference they came from and the server's name of the version.
   */
  private record Origin(String reference, Optional<String> version) {}

  private static Path origin(Path part) {
    return part.resolveSibling(part.getFileName() + ".from");
  }

  private static Origin readOrigin(Path part) throws IOException {
    if (!Files.exists(origin(part))) {
      return new Origin("", Optional.empty());
    }
    String[] lines = Files.readString(origin(part)).split("\n", 2);
    return new Origin(
        lines[0],
        lines.length < 2 ? Optional.empty() : Optional.of(lines[1]).filter(v -> !v.isEmpty()));
  }

  private static void writeOrigin(Path part, Origin origin) throws IOException {
    Files.writeString(origin(part), origin.reference() + "\n" + origin.version().orElse(""));
  }

  private static long size(Path part) throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }
}
