package dev.krafla.serving.kvevents;

import dev.krafla.serving.kvevents.MessagePack.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads a batch of events: {@code [ts, [event, …], data_parallel_rank?]}. An event is a map with
 * its name under {@code type}, or, of older servers and of SGLang, an array that begins with its
 * name and may end early. Events and fields that are not known are left out.
 */
public final class KvEventDecoder {
  /** A batch from a real server is some kilobytes; block lists of a whole cache some megabytes. */
  static final int MAX_BYTES = 64 << 20;

  private static final List<String> STORED =
      List.of(
          "block_hashes",
          "parent_block_hash",
          "token_ids",
          "block_size",
          "lora_id",
          "medium",
          "lora_name",
          "extra_keys");

  private static final Value NULL = new Value.Other(true);

  private KvEventDecoder() {}

  /**
   * A batch.
   *
   * @param time when it was made, in seconds by the server's clock
   * @param events in their order
   */
  public record Batch(double time, List<KvEvent> events) {
    public Batch {
      events = List.copyOf(events);
    }
  }

  /**
   * Reads {@code payload}.
   *
   * @throws InvalidEvents when it is not a batch
   */
  public static Batch decode(byte[] payload) {
    if (payload.length > MAX_BYTES) {
      throw new InvalidEvents(
          "a batch of %,d bytes is above the limit of %,d".formatted(payload.length, MAX_BYTES));
    }
    if (!(MessagePack.read(payload) instanceof Value.Items(List<Value> batch))
        || batch.size() < 2) {
      throw new InvalidEvents("a batch must be an array of a time and events");
    }
    List<KvEvent> events = new ArrayList<>();
    for (Value event : items(batch.get(1), "events")) {
      event(event).ifPresent(events::add);
    }
    return new Batch(time(batch.getFirst()), events);
  }

  private static double time(Value value) {
    return switch (value) {
      case Value.Real(double seconds) -> seconds;
      case Value.Whole(long seconds) -> (double) seconds;
      case Value.Other _, Value.Raw _, Value.Items _, Value.Members _ -> 0;
    };
  }

  private static Optional<KvEvent> event(Value event) {
    return switch (event) {
      case Value.Members members -> event(members.get("type"), members::get);
      case Value.Items(List<Value> items) ->
          event(
              items.stream().findFirst(),
              field -> {
                int at = 1 + STORED.indexOf(field);
                return at < items.size() ? Optional.of(items.get(at)) : Optional.empty();
              });
      case Value.Other _, Value.Whole _, Value.Real _, Value.Raw _ ->
          throw new InvalidEvents("an event must be a map or an array");
    };
  }

  private static Optional<KvEvent> event(
      Optional<Value> name, Function<String, Optional<Value>> fields) {
    String type = name.orElse(NULL) instanceof Value.Raw raw ? raw.text() : "";
    return switch (type) {
      case "BlockStored" -> Optional.of(stored(fields));
      case "BlockRemoved" -> Optional.of(new KvEvent.Removed(hashes(fields)));
      case "AllBlocksCleared" -> Optional.of(new KvEvent.Cleared());
      default -> Optional.empty();
    };
  }

  private static KvEvent.Stored stored(Function<String, Optional<Value>> fields) {
    List<EngineHash> hashes = hashes(fields);
    int blockTokens = integer(fields.apply("block_size").orElse(NULL), "block_size");
    List<Value> ids = items(fields.apply("token_ids").orElse(NULL), "token_ids");
    if (blockTokens < 1 || (long) blockTokens * hashes.size() != ids.size()) {
      throw new InvalidEvents(
          "%d blocks of %d tokens are stored with %d tokens"
              .formatted(hashes.size(), blockTokens, ids.size()));
    }
    int[] tokens = new int[ids.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = integer(ids.get(i), "token_ids");
    }
    Value parent = fields.apply("parent_block_hash").orElse(NULL);
    boolean plain =
        absent(fields.apply("lora_id").orElse(NULL))
            && absent(fields.apply("lora_name").orElse(NULL))
            && absent(fields.apply("extra_keys").orElse(NULL));
    return new KvEvent.Stored(
        hashes,
        absent(parent) ? Optional.empty() : Optional.of(hash(parent)),
        tokens,
        blockTokens,
        plain);
  }

  /** Whether {@code value} is null, or a list of such. */
  private static boolean absent(Value value) {
    return switch (value) {
      case Value.Other(boolean isNull) -> isNull;
      case Value.Items(List<Value> values) -> values.stream().allMatch(KvEventDecoder::absent);
      case Value.Whole _, Value.Real _, Value.Raw _, Value.Members _ -> false;
    };
  }

  private static List<EngineHash> hashes(Function<String, Optional<Value>> fields) {
    List<EngineHash> hashes = new ArrayList<>();
    for (Value each : items(fields.apply("block_hashes").orElse(NULL), "block_hashes")) {
      hashes.add(hash(each));
    }
    return hashes;
  }

  private static EngineHash hash(Value value) {
    return switch (value) {
      case Value.Whole(long number) -> EngineHash.of(number);
      case Value.Raw(byte[] bytes) -> EngineHash.of(bytes);
      case Value.Other _, Value.Real _, Value.Items _, Value.Members _ ->
          throw new InvalidEvents("a block's hash must be a number or bytes");
    };
  }

  private static List<Value> items(Value value, String what) {
    if (value instanceof Value.Items(List<Value> values)) {
      return values;
    }
    throw new InvalidEvents(what + " must be an array");
  }

  private static int integer(Value value, String what) {
    if (value instanceof Value.Whole(long number) && number == (int) number) {
      return (int) number;
    }
    throw new InvalidEvents(what + " must be an integer of 32 bits");
  }

  /** The sequence number that goes before a batch: 8 bytes, the highest first. */
  static long sequence(byte[] frame) {
    if (frame.length != Long.BYTES) {
      throw new InvalidEvents(
          "a sequence number has %d bytes; it must have 8".formatted(frame.length));
    }
    return ByteBuffer.wrap(frame).getLong();
  }
}
