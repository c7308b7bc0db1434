package dev.krafla.wire.openai;

import dev.krafla.wire.ErrorBody;
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

/** {@code POST /v1/chat/completions}. */
public final class ChatWire implements Wire {
  /** This wire's name. */
  public static final String NAME = "chat";

  private final ChatDialect dialect;

  /** The wire as OpenAI writes it. */
  public ChatWire() {
    this(ChatDialect.OPENAI);
  }

  /**
   * @param dialect of the provider that requests are written for
   */
  public ChatWire(ChatDialect dialect) {
    this.dialect = dialect;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String path() {
    return "/v1/chat/completions";
  }

  @Override
  public GenerationRequest parseRequest(ObjectNode body) {
    return ChatRequestReader.read(body);
  }

  @Override
  public Written writeRequest(GenerationRequest request) {
    return new ChatRequestWriter(dialect).write(request);
  }

  @Override
  public GenerationResult parseResult(ObjectNode body) {
    return ChatResults.read(body);
  }

  @Override
  public ObjectNode writeResult(GenerationResult result, GenerationRequest asked) {
    return ChatResults.write(result);
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
    return new ChatStreamDecoder();
  }

  @Override
  public StreamEncoder encoder(GenerationRequest asked) {
    return new ChatStreamEncoder(ChatRequestReader.wantsUsage(asked));
  }

  @Override
  public Optional<Usage> readUsage(byte[] answer) {
    return Json.member(answer, "usage").map(ChatUsage::read);
  }

  @Override
  public StreamWatch watch() {
    return new ChatWatch();
  }

  /** The error of a refusal in the form that {@link #writeError} writes. */
  public static ErrorBody errorBody(WireError error) {
    return OpenAiErrors.body(error);
  }
}
