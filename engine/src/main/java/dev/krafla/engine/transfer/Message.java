package dev.krafla.engine.transfer;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.transfer.TransferException.Reason;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What two workers say to each other, besides the KV itself. The order on a connection:
 *
 * <pre>
 * lender                          puller
 * Challenge(version, nonce)  →
 *                            ←    Hello(version, nonce, proof, identity)
 * Ready(proof)               →                                            or Refused
 *                            ←    Pull(engine, lease, prompt, from)
 * Grant(tokens, blocks)      →                                            or Refused
 * LOGITS, BLOCK from, …      →    frames
 *                            ←    Release(engine, lease)
 * </pre>
 *
 * <p>Pull and Release may repeat; a Release may come alone.
 */
sealed interface Message {
  /** Of this wire; another is refused. */
  int VERSION = 1;

  /** Longest payload of a message. */
  int MAX_BYTES = 4096;

  int NONCE_BYTES = 32;
  int PROOF_BYTES = 32;

  record Challenge(int version, byte[] nonce) implements Message {}

  record Hello(int version, byte[] nonce, byte[] proof, KvIdentity identity) implements Message {}

  record Ready(byte[] proof) implements Message {}

  /**
   * Asks for the KV of a prompt.
   *
   * @param prompt stands for the prompt that is meant
   * @param from first block that is wanted
   */
  record Pull(UUID engine, UUID lease, KvKey prompt, int from) implements Message {}

  /**
   * It comes: the logits at the prompt's end, then the blocks.
   *
   * @param tokens whose KV it is, from the sequence's first on
   * @param blocks that hold them; those from {@code from} on follow
   */
  record Grant(int tokens, int blocks) implements Message {}

  /** It has come, or is not wanted: the lease may end. */
  record Release(UUID engine, UUID lease) implements Message {}

  /** It does not come. */
  record Refused(Reason reason, String why) implements Message {}

  /** The type of its frame. */
  default FrameType type() {
    return switch (this) {
      case Challenge _ -> FrameType.CHALLENGE;
      case Hello _ -> FrameType.HELLO;
      case Ready _ -> FrameType.READY;
      case Pull _ -> FrameType.PULL;
      case Grant _ -> FrameType.GRANT;
      case Release _ -> FrameType.RELEASE;
      case Refused _ -> FrameType.REFUSED;
    };
  }

  /** Its payload: what a frame of its type carries. */
  default ByteBuffer payload() {
    ByteBuffer to = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    switch (this) {
      case Challenge(int version, byte[] nonce) -> to.putInt(version).put(nonce);
      case Hello(int version, byte[] nonce, byte[] proof, KvIdentity identity) -> {
        to.putInt(version).put(nonce).put(proof);
        putText(to, identity.model());
        putText(to, identity.arithmetic());
        putText(to, identity.kvType());
        to.putInt(identity.layout()).putLong(identity.blockBytes()).putInt(identity.logitsBytes());
      }
      case Ready(byte[] proof) -> to.put(proof);
      case Pull(UUID engine, UUID lease, KvKey prompt, int from) -> {
        putId(to, engine);
        putId(to, lease);
        to.putLong(prompt.high()).putLong(prompt.low()).putInt(from);
      }
      case Grant(int tokens, int blocks) -> to.putInt(tokens).putInt(blocks);
      case Release(UUID engine, UUID lease) -> {
        putId(to, engine);
        putId(to, lease);
      }
      case Refused(Reason reason, String why) -> {
        to.putInt(reason.code());
        putText(to, why);
      }
    }
    return to.flip();
  }

  /**
   * Reads what {@link #payload} wrote.
   *
   * @throws TransferException when {@code payload} is no whole message of that type
   */
  static Message parse(FrameType type, ByteBuffer payload) throws TransferException {
    ByteBuffer from = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Message message;
    try {
      message =
          switch (type) {
            case CHALLENGE -> new Challenge(from.getInt(), bytes(from, NONCE_BYTES));
            case HELLO -> hello(from);
            case READY -> new Ready(bytes(from, PROOF_BYTES));
            case PULL -> new Pull(id(from), id(from), key(from), count(from));
            case GRANT -> new Grant(count(from), count(from));
            case RELEASE -> new Release(id(from), id(from));
            case REFUSED -> new Refused(reason(from), text(from, MAX_BYTES));
            case LOGITS, BLOCK ->
                throw TransferException.protocol("a frame of KV where a message was due");
          };
    } catch (BufferUnderflowException e) {
      throw new TransferException(
          Reason.PROTOCOL, "a message of type %s is cut".formatted(type), e);
    }
    if (from.hasRemaining()) {
      throw TransferException.protocol(
          "a message of type %s has %d bytes too many".formatted(type, from.remaining()));
    }
    return message;
  }

  private static Hello hello(ByteBuffer from) throws TransferException {
    int version = from.getInt();
    if (version != VERSION) {
      // What another version says after this is not known.
      from.position(from.limit());
      var unknown = new KvIdentity("", "", "", 0, 0, 0);
      return new Hello(version, new byte[NONCE_BYTES], new byte[PROOF_BYTES], unknown);
    }
    return new Hello(
        version,
        bytes(from, NONCE_BYTES),
        bytes(from, PROOF_BYTES),
        new KvIdentity(
            text(from, KvIdentity.MAX_TEXT),
            text(from, KvIdentity.MAX_TEXT),
            text(from, KvIdentity.MAX_TEXT),
            from.getInt(),
            from.getLong(),
            from.getInt()));
  }

  private static void putId(ByteBuffer to, UUID id) {
    to.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  private static UUID id(ByteBuffer from) {
    return new UUID(from.getLong(), from.getLong());
  }

  private static KvKey key(ByteBuffer from) {
    return new KvKey(from.getLong(), from.getLong());
  }

  private static void putText(ByteBuffer to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      to.putInt(bytes.length).put(bytes);
    } catch (BufferOverflowException e) {
      throw new IllegalArgumentException("a text too long for a message", e);
    }
  }

  private static String text(ByteBuffer from, int maxCharacters) throws TransferException {
    int length = from.getInt();
    if (length < 0 || length > from.remaining()) {
      throw TransferException.protocol("a text of %d bytes in a message".formatted(length));
    }
    String text = new String(bytes(from, length), StandardCharsets.UTF_8);
    if (text.length() > maxCharacters) {
      throw TransferException.protocol(
          "a text of %d characters in a message; %d may be"
              .formatted(text.length(), maxCharacters));
    }
    return text;
  }

  private static byte[] bytes(ByteBuffer from, int count) {
    byte[] bytes = new byte[count];
    from.get(bytes);
    return bytes;
  }

  private static int count(ByteBuffer from) throws TransferException {
    int count = from.getInt();
    if (count < 0) {
      throw TransferException.protocol("a count of %d in a message".formatted(count));
    }
    return count;
  }

  private static Reason reason(ByteBuffer from) throws TransferException {
    int code = from.getInt();
    return Reason.of(code)
        .orElseThrow(() -> TransferException.protocol("a refusal for reason " + code));
  }
}
