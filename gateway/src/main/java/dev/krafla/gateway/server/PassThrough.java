package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.route.Target;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.util.List;

/** One wire on both sides: bytes stay as they are. */
record PassThrough(Ask ask, Target target) implements Conversation {
  @Override
  public Endpoint endpoint() {
    return ask.endpoint();
  }

  @Override
  public byte[] body() {
    return UpstreamBody.of(ask, target);
  }

  @Override
  public List<String> omitted() {
    return List.of();
  }

  @Override
  public Whole whole(byte[] answer) throws Relay.Garbled {
    try {
      return new Whole(answer, UsageReader.read(Json.parseObject(answer)));
    } catch (InvalidBody e) {
      throw new Relay.Garbled("its answer is not what was asked for: " + e.getMessage());
    }
  }

  @Override
  public EventPipe events() {
    return new PassedEvents(new EventWatch(ask.endpoint(), UpstreamBody.addsUsage(ask, target)));
  }

  @Override
  public byte[] error(int status, byte[] body) {
    return body;
  }
}
