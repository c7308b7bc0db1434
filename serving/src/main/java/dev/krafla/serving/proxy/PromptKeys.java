package dev.krafla.serving.proxy;

import dev.krafla.serving.route.BlockKeys;
import dev.krafla.wire.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keys of a prompt's beginning: over its token ids where the client sent these, else over its text,
 * which is cheap and tells as well what begins alike. Both are kept apart by whatever keeps caches
 * apart: tenant and salt; texts by the model too, whose template makes tokens of them.
 *
 * @param keys as {@link BlockKeys} has them
 * @param tokens of the prompt; estimated from its text
 */
record PromptKeys(long[] keys, int tokens) {
  /** Usual for English text and byte-level BPE; an error only shifts weights. */
  static final int CHARS_PER_TOKEN = 4;

  private static final PromptKeys NONE = new PromptKeys(new long[0], 1);

  /**
   * Of a request's body.
   *
   * @param tenant whose cache it may use; empty: the common one
   */
  static PromptKeys of(Ask.Path path, ObjectNode body, String tenant, int blockTokens) {
    String salt = text(body, "cache_salt");
    return switch (path) {
      case CHAT -> chat(body, tenant + "\n" + salt, blockTokens);
      case COMPLETION -> completion(body, tenant, salt, blockTokens);
      case EMBEDDING, TOKENIZE, DETOKENIZE -> NONE;
    };
  }

  /** Of a conversation: templates put tools first, then messages in their order. */
  private static PromptKeys chat(ObjectNode body, String salt, int blockTokens) {
    var text = new TextChain(root(body, "chat\n" + salt), blockTokens);
    for (String first : new String[] {"tools", "chat_template_kwargs"}) {
      JsonNode value = body.get(first);
      if (value != null && !value.isNull()) {
        text.add(Json.write(value));
      }
    }
    if (body.get("messages") instanceof ArrayNode messages) {
      for (JsonNode message : messages) {
        message(message, text);
      }
    }
    return text.keys();
  }

  private static void message(JsonNode message, TextChain text) {
    if (!(message instanceof ObjectNode fields)) {
      return; // the replica will say what is wrong with it
    }
    text.add("\n" + text(fields, "role") + "\n");
    for (var field : fields.properties()) {
      JsonNode value = field.getValue();
      if (field.getKey().equals("role") || value.isNull()) {
        continue;
      }
      text.add(value.isString() ? value.stringValue() : Json.write(value));
    }
  }

  /** Of a text or token ids to go on from; of several prompts, the first. */
  private static PromptKeys completion(
      ObjectNode body, String tenant, String salt, int blockTokens) {
    JsonNode prompt = body.get("prompt");
    if (prompt instanceof ArrayNode several && !several.isEmpty() && !several.get(0).isNumber()) {
      prompt = several.get(0);
    }
    if (prompt instanceof ArrayNode ids) {
      return tokens(ids, rootOfTokens(tenant, salt), blockTokens);
    }
    var text = new TextChain(root(body, "text\n" + tenant + "\n" + salt), blockTokens);
    if (prompt != null && prompt.isString()) {
      text.add(prompt.stringValue());
    }
    return text.keys();
  }

  /** Whether a request's prompt is token ids already. */
  static boolean hasTokens(ObjectNode body) {
    JsonNode prompt = body.get("prompt");
    if (!(prompt instanceof ArrayNode several) || several.isEmpty()) {
      return false;
    }
    JsonNode first = several.get(0);
    return first.isNumber() || first.isArray();
  }

  private static PromptKeys tokens(ArrayNode ids, long root, int blockTokens) {
    int[] tokens = new int[ids.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids.get(i).asInt(0);
    }
    return ofTokens(tokens, root, blockTokens);
  }

  /** Of token ids, as a replica's {@code /tokenize} gives them. */
  static PromptKeys ofTokens(int[] tokens, String tenant, ObjectNode body, int blockTokens) {
    return ofTokens(tokens, rootOfTokens(tenant, text(body, "cache_salt")), blockTokens);
  }

  private static PromptKeys ofTokens(int[] tokens, long root, int blockTokens) {
    int reusable = Math.max(0, tokens.length - 1) / blockTokens;
    return new PromptKeys(
        BlockKeys.of(root, tokens, blockTokens, reusable), Math.max(1, tokens.length));
  }

  /** Events of caches tell neither tenant nor salt: only what has none can be found in them. */
  private static long rootOfTokens(String tenant, String salt) {
    return tenant.isEmpty() && salt.isEmpty()
        ? BlockKeys.ROOT
        : BlockKeys.salted(BlockKeys.ROOT, tenant + "\n" + salt);
  }

  private static long root(ObjectNode body, String salt) {
    return BlockKeys.salted(BlockKeys.ROOT, text(body, "model") + "\n" + salt);
  }

  private static String text(ObjectNode body, String field) {
    return Optional.ofNullable(body.get(field))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .orElse("");
  }

  /** A chain of keys over text that grows; four characters count as one token. */
  private static final class TextChain {
    private final int blockTokens;
    private long chain;
    private long[] keys = new long[64];
    private int blocks;
    private long pending;
    private int characters;

    TextChain(long root, int blockTokens) {
      this.chain = root;
      this.blockTokens = blockTokens;
    }

    void add(String text) {
      for (int i = 0; i < text.length(); i++) {
        pending = pending << Character.SIZE | text.charAt(i);
        if (++characters % CHARS_PER_TOKEN == 0) {
          chain = BlockKeys.next(chain, pending);
          if (characters % (CHARS_PER_TOKEN * blockTokens) == 0) {
            addKey();
          }
        }
      }
    }

    private void addKey() {
      if (blocks == keys.length) {
        keys = java.util.Arrays.copyOf(keys, 2 * blocks);
      }
      keys[blocks++] = chain;
    }

    /** The last block is left out where the prompt ends with it: one token must be computed. */
    PromptKeys keys() {
      boolean full = characters > 0 && characters % (CHARS_PER_TOKEN * blockTokens) == 0;
      int reusable = full ? blocks - 1 : blocks;
      return new PromptKeys(
          java.util.Arrays.copyOf(keys, reusable), Math.max(1, characters / CHARS_PER_TOKEN));
    }
  }
}
