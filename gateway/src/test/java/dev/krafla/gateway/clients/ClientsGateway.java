package dev.krafla.gateway.clients;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.config.KraflaYaml;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.server.GatewayServer;
import dev.krafla.gateway.server.GatewaySettings;
import dev.krafla.gateway.server.OpenDoor;
import dev.krafla.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A gateway with one key and three models: each is answered by a provider that speaks one wire
 * only, so that every client meets every wire behind it.
 */
final class ClientsGateway implements AutoCloseable {
  static final String KEY = "kr-clients";
  static final String[] MODELS = {"on-chat", "on-messages", "on-responses"};

  private final ScriptedProvider provider = new ScriptedProvider();
  private final Upstream upstream = Upstream.create();
  private final GatewayServer server;

  ClientsGateway() {
    String yaml =
        """
        providers:
          chat: {kind: openai-compatible, url: 'http://127.0.0.1:PORT/v1', endpoints: [chat, completions, embeddings]}
          messages: {kind: anthropic, url: 'http://127.0.0.1:PORT/v1', key: env:KEY}
          responses: {kind: openai-compatible, url: 'http://127.0.0.1:PORT/v1', endpoints: [responses]}
        models:
          on-chat: chat/m
          on-messages: messages/m
          on-responses: responses/m
        """
            .replace("PORT", Integer.toString(provider.port()));
    var config = KraflaYaml.read("clients.yaml", yaml, name -> Optional.of("secret-" + name));
    var routing =
        new Routing(
            new RouteTable(config.routes(), Optional.empty(), System::nanoTime), config.pricing());
    server =
        GatewayServer.start(
            GatewaySettings.DEFAULTS.at("127.0.0.1", 0), () -> routing, new OneKey(), upstream);
  }

  String url() {
    return server.url().toString();
  }

  @Override
  public void close() {
    server.close();
    upstream.close();
    provider.close();
  }

  /** Lets one key in, for nothing. */
  private static final class OneKey implements Gatekeeper {
    private final OpenDoor door = new OpenDoor();

    @Override
    public Caller identify(Optional<String> key, InetAddress from) {
      if (key.filter(KEY::equals).isEmpty()) {
        throw new GatewayRefusal(
            401,
            "the key is not known here",
            "authentication_error",
            "invalid_api_key",
            Optional.empty());
      }
      return door.identify(key, from);
    }

    @Override
    public Reservation reserve(Caller caller, Estimate most) {
      return door.reserve(caller, most);
    }
  }
}
