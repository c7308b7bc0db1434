package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.StreamDecoder;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.StreamWatch;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.Wire;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.generation.Written;
import dev.krafla.wire.openai.OpenAiErrors;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/responses}. A request that goes on from a stored answer is made whole by {@link
 * Conversation} before it is parsed.
 */
public final class ResponsesWire implements Wire {
  /** This wire's name. */
  public static final String NAME = "responses";

  public ResponsesWire() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String path() {
    return "/v1/responses";
  }

  @Override
  public GenerationRequest parseRequest(ObjectNode body) {
    return ResponsesRequestReader.read(body);
  }

  @Override
  public Written writeRequest(GenerationRequest request) {
    return new ResponsesRequestWriter().write(request);
  }

  @Override
  public GenerationResult parseResult(ObjectNode body) {
    return ResponsesResults.read(body);
  }

  @Override
  public ObjectNode writeResult(GenerationResult result, GenerationRequest asked) {
    return ResponsesResults.write(result, asked);
  }

  @Override
  public WireError parseError(int status, byte[] body) {
    return OpenAiErrors.read(status, body);
  }

  @Override
  public ObjectNode writeError(WireError error) {
    return OpenAiErrors.write(error);
  }

  @Override
  public StreamDecoder decoder() {
    return new ResponsesStreamDecoder();
  }

  @Override
  public StreamEncoder encoder(GenerationRequest asked) {
    return new ResponsesStreamEncoder(asked);
  }

  @Override
  public Optional<Usage> readUsage(byte[] answer) {
    return Json.member(answer, "usage").map(ResponsesUsage::read);
  }

  @Override
  public StreamWatch watch() {
    return new ResponsesWatch();
  }
}
