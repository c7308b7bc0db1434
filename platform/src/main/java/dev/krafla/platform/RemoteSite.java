package dev.krafla.platform;

import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.Endpoint;
import dev.krafla.serving.replay.HttpEndpoint;
import dev.krafla.serving.replay.MadeUpTokens;
import dev.krafla.wire.OpenAiClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Servers at URLs.
 *
 * @param model the id on the wire; empty: the first that each server names
 * @param fromToken first of the ids that prompts are made of
 * @param toToken first id above them
 */
record RemoteSite(List<URI> urls, Optional<String> apiKey, String model, int fromToken, int toToken)
    implements BenchSite {
  RemoteSite {
    urls = List.copyOf(urls);
  }

  @Override
  public List<Endpoint> open(Rung rung, int maxQueued) {
    List<Endpoint> endpoints = new ArrayList<>();
    try {
      for (URI url : urls) {
        endpoints.add(open(url, rung.caching()));
      }
      return endpoints;
    } catch (RuntimeException | Error e) {
      endpoints.forEach(Endpoint::close);
      throw e;
    }
  }

  private Endpoint open(URI url, boolean caching) {
    var client = new OpenAiClient(url, apiKey);
    try {
      return new HttpEndpoint(client, model.isEmpty() ? onlyModel(client, url) : model, caching);
    } catch (RuntimeException | Error e) {
      client.close();
      throw e;
    }
  }

  private static String onlyModel(OpenAiClient client, URI url) {
    List<String> models = client.models();
    if (models.isEmpty()) {
      throw new UserError("%s serves no model; name one with --model".formatted(url));
    }
    return models.getFirst();
  }

  @Override
  public MadeUpTokens tokens(long seed) {
    return MadeUpTokens.of(fromToken, toToken, _ -> true, seed);
  }

  @Override
  public Map<String, Object> describe() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("model", model);
    fields.put("workers", urls.size());
    fields.put("urls", urls.stream().map(URI::toString).toList());
    fields.put("token_ids", fromToken + "-" + (toToken - 1));
    fields.put("driver_machine", Machine.cpu());
    return fields;
  }

  @Override
  public void close() {
    // Endpoints own the clients.
  }
}
