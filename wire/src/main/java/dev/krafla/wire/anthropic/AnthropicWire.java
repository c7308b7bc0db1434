package dev.krafla.wire.anthropic;

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
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/messages} and {@code POST /v1/messages/count_tokens}. */
public final class AnthropicWire implements Wire {
  /** This wire's name. */
  public static final String NAME = "messages";

  /** The version of the wire: the value of {@code anthropic-version}. */
  public static final String VERSION = "2023-06-01";

  private final MessagesDialect dialect;

  /** The wire as Anthropic's current models take it. */
  public AnthropicWire() {
    this(MessagesDialect.ANTHROPIC);
  }

  /**
   * @param dialect of the provider that requests are written for
   */
  public AnthropicWire(MessagesDialect dialect) {
    this.dialect = dialect;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String path() {
    return "/v1/messages";
  }

  @Override
  public GenerationRequest parseRequest(ObjectNode body) {
    return MessagesRequestReader.read(body, true);
  }

  /** A body of {@code count_tokens}: a request that has no limit of tokens. */
  public GenerationRequest parseCountRequest(ObjectNode body) {
    return MessagesRequestReader.read(body, false);
  }

  /** The answer to {@code count_tokens}. */
  public ObjectNode writeCount(long inputTokens) {
    return Json.object().put("input_tokens", inputTokens);
  }

  @Override
  public Written writeRequest(GenerationRequest request) {
    return new MessagesRequestWriter(dialect).write(request);
  }

  @Override
  public GenerationResult parseResult(ObjectNode body) {
    return MessagesResults.read(body);
  }

  @Override
  public ObjectNode writeResult(GenerationResult result, GenerationRequest asked) {
    return MessagesResults.write(result);
  }

  @Override
  public WireError parseError(int status, byte[] body) {
    return AnthropicErrors.read(status, body);
  }

  @Override
  public ObjectNode writeError(WireError error) {
    return AnthropicErrors.write(error);
  }

  @Override
  public StreamDecoder decoder() {
    return new MessagesStreamDecoder();
  }

  @Override
  public StreamEncoder encoder(GenerationRequest asked) {
    return new MessagesStreamEncoder();
  }

  @Override
  public Optional<Usage> readUsage(byte[] answer) {
    return Json.member(answer, "usage").map(MessagesUsage::read);
  }

  @Override
  public StreamWatch watch() {
    return new MessagesWatch();
  }
}
