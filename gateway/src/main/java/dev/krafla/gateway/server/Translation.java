package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.route.Target;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.anthropic.AnthropicWire;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Wire;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.generation.Written;
import dev.krafla.wire.openai.ChatWire;
import dev.krafla.wire.responses.ResponsesWire;
import java.util.List;
import java.util.Optional;

/** A client of one wire, a provider of another. */
final class Translation implements Conversation {
  /** In which order a provider's wires are tried for a client of another. */
  private static final List<Endpoint> GENERATING =
      List.of(Endpoint.CHAT, Endpoint.MESSAGES, Endpoint.RESPONSES);

  private final Ask ask;
  private final Endpoint endpoint;
  private final Wire clients;
  private final Wire providers;
  private final GenerationRequest asked;
  private final Written written;

  private Translation(Ask ask, Target target, Endpoint endpoint) {
    this.ask = ask;
    this.endpoint = endpoint;
    this.clients = wire(ask.endpoint(), target);
    this.providers = wire(endpoint, target);
    this.asked = clients.parseRequest(Json.parseObject(ask.body()));
    this.written = providers.writeRequest(asked.withModel(target.model()));
  }

  /**
   * The way from {@code ask} to {@code target}.
   *
   * @throws dev.krafla.wire.Unsupported when the provider's wire cannot say what is asked
   * @throws InvalidBody when the request is not one of its wire
   */
  static Conversation of(Ask ask, Target target, Endpoint endpoint) {
    return new Translation(ask, target, endpoint);
  }

  /** What can be asked of {@code target} in place of {@code asked}. */
  static Optional<Endpoint> instead(Endpoint asked, Target target) {
    return GENERATING.contains(asked)
        ? GENERATING.stream().filter(target.provider().speaks()::contains).findFirst()
        : Optional.empty();
  }

  private static Wire wire(Endpoint endpoint, Target target) {
    return switch (endpoint) {
      case CHAT -> new ChatWire(target.provider().kind().quirks().dialect());
      case MESSAGES -> new AnthropicWire();
      case RESPONSES -> new ResponsesWire();
      case COMPLETIONS, EMBEDDINGS ->
          throw new IllegalArgumentException(endpoint + " has no translation");
    };
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public byte[] body() {
    return Json.writeBytes(written.body());
  }

  @Override
  public List<String> omitted() {
    return written.omitted();
  }

  @Override
  public Whole whole(byte[] answer) throws Relay.Garbled {
    try {
      GenerationResult result = providers.parseResult(Json.parseObject(answer));
      byte[] body = Json.writeBytes(clients.writeResult(result.withModel(ask.model()), asked));
      return new Whole(body, result.usage());
    } catch (InvalidBody e) {
      throw new Relay.Garbled("its answer is not what was asked for: " + e.getMessage());
    }
  }

  @Override
  public EventPipe events() {
    return new TranslatedEvents(providers.decoder(), clients.encoder(asked), ask.model());
  }

  @Override
  public byte[] error(int status, byte[] body) {
    WireError error = providers.parseError(status, body);
    return Json.writeBytes(clients.writeError(error));
  }
}
