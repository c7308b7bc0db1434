import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Mixed load on any server with OpenAI's HTTP, and what it does to the gaps between tokens: four
 * clients that chat (40 prompt tokens, 128 of output) beside two that have long texts read (1,500
 * prompt tokens, 8 of output), each sending its next request when its last is answered.
 *
 * <p>Usage: {@code java tools/GapsUnderLoad.java URL MODEL SECONDS [SEED]}. Prompts are random token
 * ids, which no cache has.
 */
public final class GapsUnderLoad {
  private record Kind(String name, int clients, int promptTokens, int outputTokens) {}

  private static final List<Kind> KINDS =
      List.of(new Kind("chat", 4, 40, 128), new Kind("read", 2, 1500, 8));

  private static final class Seen {
    final List<Double> firstMs = Collections.synchronizedList(new ArrayList<>());
    final List<Double> gapMs = Collections.synchronizedList(new ArrayList<>());
  }

  private GapsUnderLoad() {}

  public static void main(String[] args) throws Exception {
    URI uri = URI.create(args[0] + "/v1/completions");
    long end = System.nanoTime() + Long.parseLong(args[2]) * 1_000_000_000L;
    long seed = args.length > 3 ? Long.parseLong(args[3]) : 1;
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    List<Thread> clients = new ArrayList<>();
    List<Seen> all = new ArrayList<>();
    for (Kind kind : KINDS) {
      Seen seen = new Seen();
      all.add(seen);
      for (int c = 0; c < kind.clients; c++) {
        var random = new SplittableRandom(seed * 100 + clients.size());
        clients.add(
            Thread.ofVirtual().start(() -> {
              while (System.nanoTime() < end) {
                ask(http, uri, args[1], kind, random, seen);
              }
            }));
      }
    }
    for (Thread client : clients) {
      client.join();
    }
    System.out.printf("%-5s %9s %22s %30s%n", "", "requests", "TTFT p50/p99 ms", "gap p50/p99/max ms");
    for (int k = 0; k < KINDS.size(); k++) {
      Seen seen = all.get(k);
      System.out.printf(
          "%-5s %9d %12.0f %9.0f %12.1f %8.1f %8.1f%n",
          KINDS.get(k).name,
          seen.firstMs.size(),
          at(seen.firstMs, 0.5),
          at(seen.firstMs, 0.99),
          at(seen.gapMs, 0.5),
          at(seen.gapMs, 0.99),
          at(seen.gapMs, 1));
    }
  }

  private static void ask(
      HttpClient http, URI uri, String model, Kind kind, SplittableRandom random, Seen seen) {
    String prompt =
        random
            .ints(kind.promptTokens, 1000, 40_000)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(","));
    String body =
        "{\"model\":\"%s\",\"prompt\":[%s],\"max_tokens\":%d,\"temperature\":0,\"ignore_eos\":true,\"stream\":true}"
            .formatted(model, prompt, kind.outputTokens);
    long last = System.nanoTime();
    boolean first = true;
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                http.send(
                        HttpRequest.newBuilder(uri)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                    .body(),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: {")) {
          if (line.contains("\"error\"")) {
            throw new IllegalStateException(line);
          }
          long now = System.nanoTime();
          (first ? seen.firstMs : seen.gapMs).add((now - last) / 1e6);
          first = false;
          last = now;
        }
      }
    } catch (java.io.IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double at(List<Double> values, double quantile) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.ceil(quantile * (sorted.size() - 1)));
  }
}
